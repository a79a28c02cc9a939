"""llm-server: ``uvicorn llm_server.main:create_app --factory``."""

from fastapi import FastAPI

from codemuse.app import create_service_app
from codemuse.settings import load_settings
from llm_server.core.resources import Resources, open_resources
from llm_server.core.settings import Settings
from llm_server.features.breakers.router import router as breakers
from llm_server.features.budgets.router import router as budgets
from llm_server.features.cache.router import router as cache
from llm_server.features.chat.router import router as chat
from llm_server.features.completions.router import router as completions
from llm_server.features.embeddings.router import router as embeddings
from llm_server.features.messages.router import router as messages
from llm_server.features.models.router import router as models
from llm_server.features.prompt_log.router import router as prompt_log
from llm_server.features.prompts.router import router as prompts
from llm_server.features.providers.router import router as providers
from llm_server.features.responses.router import router as responses
from llm_server.features.usage.router import router as usage


def create_app(settings: Settings | None = None) -> FastAPI:
    """Put the service together."""
    chosen = settings or load_settings(Settings)
    return create_service_app(
        name="llm-server",
        settings=chosen,
        open_resources=lambda: open_resources(chosen),
        routers=(
            *(chat, completions, responses, messages, embeddings, models),
            *(providers, breakers, budgets, usage, prompts, prompt_log, cache),
        ),
        checks=Resources.checks,
    )

"""llm-server: ``uvicorn llm_server.main:create_app --factory``."""

from fastapi import FastAPI

from codemuse.app import create_service_app
from codemuse.settings import load_settings
from llm_server.core.resources import open_resources
from llm_server.core.settings import Settings
from llm_server.features.chat.router import router as chat
from llm_server.features.models.router import router as models


def create_app(settings: Settings | None = None) -> FastAPI:
    """Put the service together."""
    chosen = settings or load_settings(Settings)
    return create_service_app(
        name="llm-server", settings=chosen, open_resources=lambda: open_resources(chosen), routers=(chat, models)
    )

"""The gateway: ``uvicorn orchestrator.main:create_app --factory``."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from codemuse.app import create_service_app
from codemuse.settings import load_settings
from orchestrator.core.resources import GatewayResources, Seams, open_gateway
from orchestrator.core.settings import Settings
from orchestrator.core.web import mount_web_app
from orchestrator.features.api_keys.router import router as api_keys
from orchestrator.features.auth.router import router as auth
from orchestrator.features.chat.router import router as chat
from orchestrator.features.documents.router import router as documents
from orchestrator.features.embedding_models.router import router as embedding_models
from orchestrator.features.embeddings.router import router as embeddings
from orchestrator.features.evaluations.router import router as evaluations
from orchestrator.features.facts.router import router as facts
from orchestrator.features.language_models.router import router as language_models
from orchestrator.features.model_api.router import router as model_api
from orchestrator.features.prompt_log.router import router as prompt_log
from orchestrator.features.repositories.router import router as repositories
from orchestrator.features.runs.router import router as runs
from orchestrator.features.search.router import context_router as context
from orchestrator.features.search.router import router as search
from orchestrator.features.search_settings.router import router as search_settings
from orchestrator.features.system.router import router as system
from orchestrator.features.upkeep.router import router as upkeep
from orchestrator.features.users.router import router as users
from orchestrator.features.users.service import UserService
from orchestrator.features.versions.router import router as versions

MAXIMUM_REPORT_BYTES = 32 * 2**20
ROUTERS = (
    system,
    auth,
    users,
    api_keys,
    repositories,
    versions,
    facts,
    runs,
    search,
    context,
    search_settings,
    evaluations,
    embedding_models,
    embeddings,
    documents,
    chat,
    language_models,
    prompt_log,
    model_api,
    upkeep,
)
UPLOAD_ROUTES = ("/api/v1/repositories", "/index")
REPORT_ROUTES = ("/coverage", "/tests")


def create_app(settings: Settings | None = None, seams: Seams = Seams()) -> FastAPI:
    """Put the gateway together."""
    chosen = settings or load_settings(Settings)

    @asynccontextmanager
    async def open_resources() -> AsyncIterator[GatewayResources]:
        async with open_gateway(chosen, seams) as resources:
            if chosen.admin_email and chosen.admin_password:
                users_service = UserService(resources.platform.sessions, resources.hasher)
                await users_service.create_first_administrator(
                    chosen.organisation_name, chosen.admin_email, chosen.admin_password
                )
            yield resources

    app = create_service_app(
        name="gateway",
        settings=chosen,
        open_resources=open_resources,
        routers=ROUTERS,
        checks=lambda resources: resources.platform.checks(),
        guarded=False,
        body_limits=dict.fromkeys(UPLOAD_ROUTES, chosen.maximum_archive_bytes)
        | dict.fromkeys(REPORT_ROUTES, MAXIMUM_REPORT_BYTES),
    )
    mount_web_app(app, chosen.web_dist)
    return app

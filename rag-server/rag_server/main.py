"""Puts the service together: ``uvicorn rag_server.main:create_app --factory``."""

from fastapi import FastAPI

from codemuse.app import create_service_app
from codemuse.settings import load_settings
from rag_server.core.resources import open_resources, readiness_checks
from rag_server.core.settings import Settings
from rag_server.features.generations.router import router as generations
from rag_server.features.search.router import router as search
from rag_server.features.upkeep.router import router as upkeep


def create_app() -> FastAPI:
    """The application, configured from the environment."""
    settings = load_settings(Settings)
    return create_service_app(
        name="rag-server",
        settings=settings,
        open_resources=lambda: open_resources(settings),
        routers=[generations, search, upkeep],
        checks=readiness_checks,
    )

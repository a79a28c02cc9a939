"""Puts the service together: ``uvicorn embedding_server.main:create_app --factory``."""

from fastapi import FastAPI

from codemuse.app import create_service_app
from codemuse.settings import load_settings
from embedding_server.core.resources import open_resources, readiness_checks
from embedding_server.core.settings import Settings
from embedding_server.features.embeddings.router import router as embeddings
from embedding_server.features.models.router import router as models
from embedding_server.features.reranking.router import router as reranking


def create_app() -> FastAPI:
    """The application, configured from the environment."""
    settings = load_settings(Settings)
    return create_service_app(
        name="embedding-server",
        settings=settings,
        open_resources=lambda: open_resources(settings),
        routers=[embeddings, models, reranking],
        checks=readiness_checks,
    )

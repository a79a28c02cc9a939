"""docgen-server as an application: ``uvicorn docgen_server.main:create_app --factory``."""

from fastapi import FastAPI

from codemuse.app import create_service_app
from codemuse.settings import load_settings
from docgen_server.core.resources import open_resources, readiness_checks
from docgen_server.core.settings import DocgenSettings
from docgen_server.features.analysis.router import router as analysis
from docgen_server.features.documents.router import router as documents
from docgen_server.features.graph.router import router as graph
from docgen_server.features.history.router import router as history
from docgen_server.features.pairs.router import router as pairs
from docgen_server.features.problems.router import router as problems
from docgen_server.features.reports.router import router as reports
from docgen_server.features.repositories.router import router as repositories
from docgen_server.features.snapshots.router import commits_router as commits
from docgen_server.features.snapshots.router import router as snapshots
from docgen_server.features.sources.router import router as sources
from docgen_server.features.symbols.router import router as symbols


def create_app(settings: DocgenSettings | None = None) -> FastAPI:
    """The application, with settings from the environment unless given."""
    settings = settings or load_settings(DocgenSettings)
    return create_service_app(
        name="docgen-server",
        settings=settings,
        open_resources=open_resources(settings),
        routers=(
            sources,
            repositories,
            commits,
            snapshots,
            analysis,
            symbols,
            graph,
            problems,
            history,
            pairs,
            reports,
            documents,
        ),
        checks=readiness_checks,
        body_limits={"/archives": settings.archive_max_bytes} | dict.fromkeys(("/coverage", "/tests"), 32 * 2**20),
    )

"""``python -m orchestrator.openapi`` prints the public API as OpenAPI, from which the web app's types are generated."""

import json
import sys
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from codemuse import __version__
from codemuse.contracts.chat import AcceptedFrame, AskFrame, CitationRead, FrameError, ResumeFrame, StopFrame
from codemuse.contracts.common import ErrorBody
from codemuse.contracts.repositories import RepositoryCreate, RepositoryIndex
from codemuse.contracts.runs import RunEvent
from orchestrator.main import ROUTERS

_REFERENCE = "#/components/schemas/{model}"
_BESIDE_ROUTES: tuple[type[BaseModel], ...] = (
    ErrorBody, RunEvent, CitationRead, AskFrame, ResumeFrame, StopFrame, AcceptedFrame, FrameError, RepositoryCreate, RepositoryIndex,
)  # fmt: skip


def build_openapi() -> dict[str, Any]:
    """The description of all public routes, with the shapes of socket frames and events beside them."""
    app = FastAPI(generate_unique_id_function=lambda route: route.name)
    for router in ROUTERS:
        app.include_router(router)
    description = get_openapi(title="CodeMuse", version=__version__, routes=app.routes)
    _, beside = models_json_schema([(model, "serialization") for model in _BESIDE_ROUTES], ref_template=_REFERENCE)
    schemas = description["components"]["schemas"]
    schemas.update({name: schema for name, schema in beside["$defs"].items() if name not in schemas})
    description["components"]["securitySchemes"] = {"bearer": {"type": "http", "scheme": "bearer"}}
    description["security"] = [{"bearer": []}]
    for path in (
        "/api/v1/health",
        "/api/v1/config",
        "/api/v1/auth/login",
        "/api/v1/auth/refresh",
        "/api/v1/auth/logout",
    ):
        for operation in description["paths"][path].values():
            operation["security"] = []
    return description


def main() -> None:
    """Print it."""
    json.dump(build_openapi(), sys.stdout, indent=2, ensure_ascii=False)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()

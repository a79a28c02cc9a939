"""Routes of the dependency graph."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query

from codemuse.contracts.common import Identifier, RepositoryPath
from codemuse.contracts.docgen import GraphRead
from docgen_server.features.graph.dependencies import Graphs

router = APIRouter(prefix="/api/v1/snapshots", tags=["graph"])


@router.get("/{snapshot_id}/graph")
async def get_graph(
    snapshot_id: Identifier,
    graphs: Graphs,
    level: Literal["file", "module", "package"] = "package",
    focus: RepositoryPath | None = None,
    depth: Annotated[int, Query(ge=1, le=10)] = 1,
) -> GraphRead:
    """Who imports whom, by file or by package; around one file or folder when ``focus`` names it."""
    return await graphs.read(snapshot_id, is_by_file=level != "package", focus=focus, depth=depth)

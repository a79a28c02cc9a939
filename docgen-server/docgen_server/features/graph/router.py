"""Routes of the dependency graph."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query

from codemuse.contracts.common import Identifier, RepositoryPath
from codemuse.contracts.docgen import GraphRead
from docgen_server.core.linking.symbol_graph import Direction
from docgen_server.features.graph.dependencies import Graphs

router = APIRouter(prefix="/api/v1/snapshots", tags=["graph"])


@router.get("/{snapshot_id}/graph")
async def get_graph(
    snapshot_id: Identifier,
    graphs: Graphs,
    level: Literal["file", "module", "package", "symbol"] = "package",
    focus: RepositoryPath | None = None,
    depth: Annotated[int, Query(ge=1, le=20)] = 1,
    direction: Direction = Direction.BOTH,
) -> GraphRead:
    """Who depends on whom, by package, by file, or by definition around a ``focus``.

    ``direction=dependents`` with a large depth answers what breaks when the focus changes.
    """
    if level == "symbol":
        return await graphs.read_symbols(snapshot_id, focus, direction=direction, depth=depth)
    return await graphs.read(snapshot_id, is_by_file=level != "package", focus=focus, direction=direction, depth=depth)

"""Routes of symbols and names."""

from typing import Annotated

from fastapi import APIRouter, Query

from codemuse.contracts.common import Identifier, RepositoryPath
from codemuse.contracts.docgen import NamesReply, NamesRequest, SymbolPage
from docgen_server.features.symbols.dependencies import Symbols

router = APIRouter(prefix="/api/v1/snapshots", tags=["symbols"])


@router.get("/{snapshot_id}/symbols")
async def list_symbols(
    snapshot_id: Identifier,
    symbols: Symbols,
    query: Annotated[str, Query(max_length=200)] = "",
    path: RepositoryPath | None = None,
    kind: Annotated[str | None, Query(max_length=40)] = None,
    cursor: str | None = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
) -> SymbolPage:
    """Definitions by exact name, beginning, initials (``hs`` finds ``HttpServer``) or part, best first."""
    return await symbols.search(snapshot_id, query.strip(), path=path, kind=kind, cursor=cursor, limit=limit)


@router.post("/{snapshot_id}/names")
async def check_names(snapshot_id: Identifier, body: NamesRequest, symbols: Symbols) -> NamesReply:
    """Which identifiers stand in the code at all; a dotted name stands there when all its parts do."""
    return await symbols.check_names(snapshot_id, body.names)

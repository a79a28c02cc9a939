"""Routes of history."""

from typing import Annotated

from fastapi import APIRouter, Query

from codemuse.contracts.common import Identifier, RepositoryPath
from codemuse.contracts.findings import HistoryRead
from docgen_server.features.history.dependencies import Histories

router = APIRouter(prefix="/api/v1/snapshots", tags=["history"])


@router.get("/{snapshot_id}/history")
async def get_history(
    snapshot_id: Identifier,
    histories: Histories,
    path: RepositoryPath | None = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
) -> HistoryRead:
    """Files that change often and are large, the costliest first; of one file, when each definition was last touched."""
    return await histories.read(snapshot_id, path, limit)

"""Routes of pairs."""

from typing import Annotated

from fastapi import APIRouter, Query

from codemuse.contracts.common import Identifier
from codemuse.contracts.pairs import PairKind, PairList
from docgen_server.features.pairs.dependencies import Pairs

router = APIRouter(prefix="/api/v1/snapshots", tags=["pairs"])


@router.get("/{snapshot_id}/pairs")
async def list_pairs(
    snapshot_id: Identifier,
    kind: PairKind,
    pairs: Pairs,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
    seed: Annotated[str, Query(max_length=100)] = "",
) -> PairList:
    """Words that people wrote about the code, and the code: a sample that a seed decides, the same one each time."""
    return await pairs.list_some(snapshot_id, kind, limit, seed)

"""``/api/v1/cache``."""

from fastapi import APIRouter

from codemuse.contracts.usage import CachePurged
from llm_server.core.access import Administrator, Opened

router = APIRouter(prefix="/api/v1/cache", tags=["cache"])


@router.delete("")
async def purge_cache(caller: Administrator, resources: Opened) -> CachePurged:
    """Forget every answer of the organisation."""
    return CachePurged(purged=await resources.cache.purge(caller.organisation))

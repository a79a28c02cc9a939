"""Routes of sources."""

from fastapi import APIRouter

from codemuse.contracts.common import Reply
from codemuse.contracts.docgen import GitSource
from docgen_server.features.sources.dependencies import Sources

router = APIRouter(prefix="/api/v1/sources", tags=["sources"])


@router.post("/check")
async def check_source(body: GitSource, sources: Sources) -> Reply:
    """Whether a git URL and ref may be fetched; nothing is fetched."""
    await sources.check(body)
    return Reply()

"""``POST /api/v1/search`` and ``POST /api/v1/similar``."""

from fastapi import APIRouter

from codemuse.contracts.rag import SearchReply, SearchRequest, SimilarRequest
from rag_server.features.search.dependencies import SearchServiceDep

router = APIRouter(prefix="/api/v1", tags=["search"])


@router.post("/search")
async def search(body: SearchRequest, service: SearchServiceDep) -> SearchReply:
    """The best evidence for a question."""
    return await service.search(body)


@router.post("/similar")
async def similar(body: SimilarRequest, service: SearchServiceDep) -> SearchReply:
    """Chunks that look like a given one."""
    return await service.similar(body)

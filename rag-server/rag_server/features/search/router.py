"""``POST /api/v1/search``, ``/similar``, ``/compare`` and ``/context``, and ``GET /api/v1/weights``."""

from fastapi import APIRouter, Response

from codemuse.contracts.context import ContextReply, ContextRequest
from codemuse.contracts.rag import SearchReply, SearchRequest, SimilarRequest
from codemuse.contracts.search_settings import WeightList
from codemuse.contracts.versions import CompareReply, CompareRequest
from rag_server.features.search.dependencies import ComparisonServiceDep, ContextServiceDep, SearchServiceDep
from rag_server.features.search.weights import list_weights

router = APIRouter(prefix="/api/v1", tags=["search"])


@router.post("/search", response_model=SearchReply)
async def search(body: SearchRequest, service: SearchServiceDep) -> Response:
    """The best evidence for a question."""
    return _rendered(await service.search(body))


@router.post("/similar", response_model=SearchReply)
async def similar(body: SimilarRequest, service: SearchServiceDep) -> Response:
    """Chunks that look like a given one."""
    return _rendered(await service.similar(body))


@router.post("/compare")
async def compare(body: CompareRequest, service: ComparisonServiceDep) -> CompareReply:
    """What changed about something between two generations."""
    return await service.compare(body)


@router.post("/context")
async def context(body: ContextRequest, service: ContextServiceDep) -> ContextReply:
    """The evidence for an answer, packed into a budget of tokens."""
    return await service.pack(body)


@router.get("/weights")
async def weights() -> WeightList:
    """What every signal of the ranking weighs as it comes."""
    return WeightList(items=list_weights())


def _rendered(reply: SearchReply) -> Response:
    """Written once: the framework would validate the reply a second time."""
    return Response(reply.model_dump_json(), media_type="application/json")

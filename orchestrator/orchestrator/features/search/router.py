"""Routes of ``/search`` and ``/context``."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from codemuse.contracts.context import ContextReply, PublicContextRequest
from codemuse.contracts.gateway import PublicSearchRequest
from codemuse.contracts.rag import SearchReply
from codemuse.contracts.versions import CompareReply, PublicCompareRequest
from orchestrator.core.access import Caller
from orchestrator.features.search.dependencies import Service

router = APIRouter(prefix="/api/v1/search", tags=["search"])
context_router = APIRouter(prefix="/api/v1/context", tags=["search"])


@router.post("", response_model=SearchReply)
async def search(body: PublicSearchRequest, caller: Caller, service: Service) -> Response:
    """Search code and documents."""
    return Response(await service.search(caller, body), media_type="application/json")


@router.post("/compare")
async def compare(body: PublicCompareRequest, caller: Caller, service: Service) -> CompareReply:
    """What changed about something between two versions of a repository."""
    return await service.compare(caller, body)


@router.get("/similar")
async def find_similar(
    caller: Caller,
    service: Service,
    chunk_id: Annotated[str, Query(pattern=r"^[A-Za-z0-9_\-]{1,64}$")],
    limit: Annotated[int, Query(ge=1, le=100)] = 10,
) -> SearchReply:
    """What looks like a chunk that a search returned."""
    return await service.similar(caller, chunk_id, limit)


@context_router.post("")
async def pack_context(body: PublicContextRequest, caller: Caller, service: Service) -> ContextReply:
    """The evidence for an answer, packed into a budget of tokens: for your own prompts."""
    return await service.pack_context(caller, body)

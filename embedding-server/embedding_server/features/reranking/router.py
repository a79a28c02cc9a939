"""``POST /v1/rerank``."""

from fastapi import APIRouter

from codemuse.contracts.embedding import RerankReply, RerankRequest
from embedding_server.features.reranking.dependencies import RerankingServiceDep

router = APIRouter(prefix="/v1/rerank", tags=["reranking"])


@router.post("", response_model_exclude_none=True)
async def rerank(body: RerankRequest, reranking: RerankingServiceDep) -> RerankReply:
    """Documents ordered by how well they answer a question."""
    return await reranking.rerank(body)

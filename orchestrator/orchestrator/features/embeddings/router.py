"""Routes below ``/embeddings``."""

from fastapi import APIRouter

from orchestrator.core.access import Caller
from orchestrator.features.embeddings.dependencies import Service
from orchestrator.features.embeddings.schemas import EmbeddingGenerate, EmbeddingSet

router = APIRouter(prefix="/api/v1/embeddings", tags=["embeddings"])


@router.post("/generate")
async def generate_embeddings(body: EmbeddingGenerate, caller: Caller, service: Service) -> EmbeddingSet:
    """Turn texts into vectors."""
    return await service.generate(caller, body)


@router.get("/{embedding_id}")
async def get_embeddings(embedding_id: str, caller: Caller, service: Service) -> EmbeddingSet:
    """Vectors that were made within the last day."""
    return await service.get(caller, embedding_id)

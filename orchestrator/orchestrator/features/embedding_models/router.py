"""Routes below ``/embedding-models``; administrators of the installation only."""

from fastapi import APIRouter

from codemuse.contracts.embedding import ModelChange, ModelStatusList, ModelStatusRead
from orchestrator.core.access import Caller
from orchestrator.features.embedding_models.dependencies import Service

router = APIRouter(prefix="/api/v1/embedding-models", tags=["embeddings"])


@router.get("")
async def list_embedding_models(caller: Caller, service: Service) -> ModelStatusList:
    """Every configured model: where it stands, its memory, its queue, what was asked of it."""
    return await service.list_all(caller)


@router.post("/load", status_code=202)
async def load_embedding_model(body: ModelChange, caller: Caller, service: Service) -> ModelStatusRead:
    """Begin to bring a model into memory; one that has failed is tried again."""
    return await service.load(caller, body)


@router.post("/unload")
async def unload_embedding_model(body: ModelChange, caller: Caller, service: Service) -> ModelStatusRead:
    """Free a model's memory; whoever asks for it next has it loaded again."""
    return await service.unload(caller, body)

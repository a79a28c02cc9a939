"""``GET /v1/models``."""

from fastapi import APIRouter

from codemuse.contracts.embedding import ModelList
from embedding_server.features.models.dependencies import ModelServiceDep

router = APIRouter(prefix="/v1/models", tags=["models"])


@router.get("")
async def list_models(models: ModelServiceDep) -> ModelList:
    """The models that can be used now."""
    return models.list_models()

"""``GET /v1/models`` for clients; ``/api/v1/models`` for operators."""

from fastapi import APIRouter, status

from codemuse.contracts.embedding import ModelChange, ModelList, ModelStatusList, ModelStatusRead
from embedding_server.features.models.dependencies import ModelServiceDep

router = APIRouter(tags=["models"])


@router.get("/v1/models")
async def list_models(models: ModelServiceDep) -> ModelList:
    """The models that can be used."""
    return models.list_usable()


@router.get("/api/v1/models")
async def list_status(models: ModelServiceDep) -> ModelStatusList:
    """Every configured model: where it stands, its memory, its queue, what was asked of it."""
    return models.list_status()


@router.post("/api/v1/models/load", status_code=status.HTTP_202_ACCEPTED)
async def load_model(body: ModelChange, models: ModelServiceDep) -> ModelStatusRead:
    """Begin to load a model."""
    return models.load(body.model)


@router.post("/api/v1/models/unload")
async def unload_model(body: ModelChange, models: ModelServiceDep) -> ModelStatusRead:
    """Free a model's memory; the next request loads it again."""
    return await models.unload(body.model)

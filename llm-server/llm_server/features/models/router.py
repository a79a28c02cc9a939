"""``/v1/models`` in OpenAI's dialect."""

from fastapi import APIRouter, Request

from codemuse.contracts.embedding import ModelList, ModelRead

router = APIRouter(prefix="/v1", tags=["models"])


@router.get("/models")
async def list_models(request: Request) -> ModelList:
    """The models that can be asked for, the preferred one first."""
    return ModelList(data=[ModelRead(id=model, kind="chat") for model in request.app.state.resources.registry.models])

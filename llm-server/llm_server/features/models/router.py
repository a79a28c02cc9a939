"""``/v1/models`` in OpenAI's dialect."""

from typing import Literal

from fastapi import APIRouter

from codemuse.contracts.embedding import ModelList, ModelRead
from codemuse.errors import NotFound
from llm_server.core.access import Calling, Opened
from llm_server.core.model import Model

router = APIRouter(prefix="/v1", tags=["models"])


@router.get("/models")
async def list_models(caller: Calling, resources: Opened) -> ModelList:
    """The models that the caller may ask for, those that chat first and in their order of preference."""
    catalogue = resources.registry.catalogue
    chain = catalogue.chain("chat", caller)
    known = catalogue.models_of(caller.organisation)
    names = [*(name for name in chain if name in known), *(name for name in known if name not in chain)]
    return ModelList(data=[_read(known[name].model) for name in names])


@router.get("/models/{name:path}")
async def read_model(name: str, caller: Calling, resources: Opened) -> ModelRead:
    """One of them; the names of roles stand for those who play them.

    Raises:
        NotFound: There is no such model.
    """
    models = resources.registry.catalogue.resolve(name, caller)
    if not models:
        raise NotFound(f"There is no model '{name[:100]}'.", code="model_not_found", param="model")
    return _read(models[0])


def _read(model: Model) -> ModelRead:
    kind: Literal["transformer", "chat"] = "transformer" if "embeddings" in model.capabilities else "chat"
    return ModelRead(id=model.name, kind=kind, max_tokens=model.context_tokens)

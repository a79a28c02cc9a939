"""``/v1/models`` in OpenAI's dialect."""

from fastapi import APIRouter

from codemuse.contracts.embedding import ModelList, ModelRead
from llm_server.core.access import Calling, Opened

router = APIRouter(prefix="/v1", tags=["models"])


@router.get("/models")
async def list_models(caller: Calling, resources: Opened) -> ModelList:
    """The models that the caller may ask for, those that chat first and in their order of preference."""
    catalogue = resources.registry.catalogue
    chain = catalogue.chain("chat", caller)
    known = catalogue.models_of(caller.organisation)
    names = [*(name for name in chain if name in known), *(name for name in known if name not in chain)]
    return ModelList(
        data=[ModelRead(id=name, kind="chat", max_tokens=known[name].model.context_tokens) for name in names]
    )

"""``/v1/embeddings`` in OpenAI's dialect."""

from fastapi import APIRouter, Request, Response

from codemuse.contracts.embedding import EmbeddingRequest
from llm_server.core.access import Calling, Door
from llm_server.core.checking import check_shape, read_json
from llm_server.core.relay import watching

router = APIRouter(prefix="/v1", tags=["embeddings"])


@router.post("/embeddings", response_model=None)
async def create_embeddings(request: Request, caller: Calling, door: Door) -> Response:
    """Vectors of texts."""
    fields = read_json(await request.body())
    check_shape(EmbeddingRequest, fields)
    call = door.prepare_unchecked(fields, caller)
    async with watching(request.receive):
        completion = await door.embed(call)
    return Response(completion.data, media_type="application/json", headers=call.trace.headers)

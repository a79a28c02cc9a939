"""``/v1/embeddings`` in OpenAI's dialect."""

from fastapi import APIRouter, Request, Response
from pydantic import ValidationError

from codemuse.contracts.embedding import EmbeddingRequest
from codemuse.errors import InvalidRequest
from llm_server.core.access import Calling, Door
from llm_server.core.checking import read_json
from llm_server.core.relay import watching

router = APIRouter(prefix="/v1", tags=["embeddings"])


@router.post("/embeddings", response_model=None)
async def create_embeddings(request: Request, caller: Calling, door: Door) -> Response:
    """Vectors of texts."""
    fields = read_json(await request.body())
    try:
        EmbeddingRequest.model_validate(fields)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "body"
        raise InvalidRequest(f"{where}: {first['msg']}", code="invalid_value", param=where) from None
    call = door.prepare_unchecked(fields, caller)
    async with watching(request.receive):
        completion = await door.embed(call)
    return Response(completion.data, media_type="application/json", headers=call.trace.headers)

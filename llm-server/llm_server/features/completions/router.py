"""``/v1/completions`` in OpenAI's dialect."""

import orjson
from fastapi import APIRouter, Request, Response

from llm_server.core.access import Calling
from llm_server.core.calls import Event
from llm_server.core.checking import read_json
from llm_server.core.relay import StreamResponse, watching
from llm_server.core.sse import DONE, frame, frames
from llm_server.core.streams import openai_error, write_groups
from llm_server.features.completions.dependencies import Service

router = APIRouter(prefix="/v1", tags=["completions"])


@router.post("/completions", response_model=None)
async def create_completion(request: Request, caller: Calling, service: Service) -> Response:
    """Go on with a text, or with several, at once or as a stream."""
    batch = service.prepare(read_json(await request.body()), caller)
    async with watching(request.receive):
        if not batch.is_streamed:
            reply = await service.complete(batch)
            return Response(orjson.dumps(reply), media_type="application/json", headers=batch.headers)
        events = await service.open_stream(batch)
    return StreamResponse(write_groups(events, _write, openai_error, lambda: frame(DONE)), headers=batch.headers)


def _write(group: list[Event]) -> bytes:
    return frames([event.data for event in group])

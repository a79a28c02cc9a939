"""``/v1/chat/completions`` in OpenAI's dialect."""

from fastapi import APIRouter, Request, Response

from llm_server.core.access import Calling, Door
from llm_server.core.calls import Event
from llm_server.core.checking import read_json
from llm_server.core.relay import StreamResponse, watching
from llm_server.core.sse import DONE, frame, frames
from llm_server.core.streams import openai_error, wants_usage, write_groups

router = APIRouter(prefix="/v1", tags=["chat"])


@router.post("/chat/completions", response_model=None)
async def create_chat_completion(request: Request, caller: Calling, door: Door) -> Response:
    """Answer a conversation, at once or as a stream."""
    call = door.prepare(read_json(await request.body()), caller)
    async with watching(request.receive):
        if not call.body.get("stream"):
            completion = await door.complete(call)
            return Response(completion.data, media_type="application/json", headers=call.trace.headers)
        events = await door.open_stream(call)
    write = _write_all if wants_usage(call) else _write_without_usage
    return StreamResponse(write_groups(events, write, openai_error, lambda: frame(DONE)), headers=call.trace.headers)


def _write_all(group: list[Event]) -> bytes:
    return frames([event.data for event in group])


def _write_without_usage(group: list[Event]) -> bytes:
    return frames([event.data for event in group if not event.is_usage_only])

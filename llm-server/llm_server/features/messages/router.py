"""``/v1/messages`` in Anthropic's dialect."""

import orjson
from fastapi import APIRouter, Request, Response

from codemuse.error_handlers import anthropic_shape
from llm_server.core.access import Calling, Door
from llm_server.core.calls import Event
from llm_server.core.checking import read_json
from llm_server.core.dialects.messages_door import EventWriter, chat_fields, reply_from
from llm_server.core.relay import StreamResponse, watching
from llm_server.core.streams import named_frames, write_groups

router = APIRouter(prefix="/v1", tags=["messages"])


@router.post("/messages", response_model=None)
async def create_message(request: Request, caller: Calling, door: Door) -> Response:
    """Answer a conversation, at once or as a stream."""
    call = door.prepare(chat_fields(read_json(await request.body())), caller)
    async with watching(request.receive):
        if not call.body.get("stream"):
            reply = reply_from((await door.complete(call)).fields, call.id)
            return Response(orjson.dumps(reply), media_type="application/json", headers=call.trace.headers)
        events = await door.open_stream(call)
    writer = EventWriter(call.id)

    def write(group: list[Event]) -> bytes:
        return named_frames(written for event in group for written in writer.write(event))

    chunks = write_groups(
        events, write, lambda error: named_frames([anthropic_shape(error)]), lambda: named_frames(writer.end())
    )
    return StreamResponse(chunks, headers=call.trace.headers)


@router.post("/messages/count_tokens")
async def count_tokens(request: Request, caller: Calling, door: Door) -> dict[str, int]:
    """About how many tokens a conversation has."""
    fields = chat_fields({"max_tokens": 1, **read_json(await request.body())})
    return {"input_tokens": door.count_tokens(door.prepare(fields, caller))}

"""``/v1/responses`` in OpenAI's dialect."""

import orjson
from fastapi import APIRouter, Request, Response

from llm_server.core.access import Calling, Door
from llm_server.core.calls import Event
from llm_server.core.checking import read_json
from llm_server.core.dialects.responses_door import EventWriter, chat_fields, reply_from
from llm_server.core.relay import StreamResponse, watching
from llm_server.core.streams import named_frames, write_groups

router = APIRouter(prefix="/v1", tags=["responses"])


@router.post("/responses", response_model=None)
async def create_response(request: Request, caller: Calling, door: Door) -> Response:
    """Answer, at once or as a stream."""
    body = read_json(await request.body())
    call = door.prepare(chat_fields(body), caller)
    async with watching(request.receive):
        if not call.body.get("stream"):
            reply = reply_from((await door.complete(call)).fields, call.id, body)
            return Response(orjson.dumps(reply), media_type="application/json", headers=call.trace.headers)
        events = await door.open_stream(call)
    writer = EventWriter(call.id, body)

    def write(group: list[Event]) -> bytes:
        return named_frames(written for event in group for written in writer.write(event))

    chunks = write_groups(
        events,
        write,
        lambda error: named_frames([writer.fail(error.public_code, error.message)]),
        lambda: named_frames(writer.end()),
    )
    return StreamResponse(chunks, headers=call.trace.headers)

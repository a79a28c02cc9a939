"""``/v1/completions`` in OpenAI's dialect."""

import orjson
from fastapi import APIRouter, Request, Response

from codemuse.contracts.llm import OpenAIError, OpenAIErrorBody
from codemuse.errors import CodeMuseError
from llm_server.core.access import Calling, Door
from llm_server.core.calls import Event
from llm_server.core.checking import read_json
from llm_server.core.dialects.completions_door import chat_fields, event_from, reply_from
from llm_server.core.relay import StreamResponse, watching
from llm_server.core.sse import DONE, frame, frames
from llm_server.core.streams import wants_usage, write_groups

router = APIRouter(prefix="/v1", tags=["completions"])


@router.post("/completions", response_model=None)
async def create_completion(request: Request, caller: Calling, door: Door) -> Response:
    """Go on with a text, at once or as a stream."""
    body = read_json(await request.body())
    call = door.prepare(chat_fields(body), caller)
    async with watching(request.receive):
        if not call.body.get("stream"):
            echo = str(call.messages[-1]["content"]) if body.get("echo") else ""
            reply = reply_from((await door.complete(call)).fields, call.id, echo)
            return Response(orjson.dumps(reply), media_type="application/json", headers=call.trace.headers)
        events = await door.open_stream(call)
    told = wants_usage(call)

    def write(group: list[Event]) -> bytes:
        shown = [event for event in group if told or not event.is_usage_only]
        return frames([orjson.dumps(event_from(event, call.id)) for event in shown])

    return StreamResponse(write_groups(events, write, _write_error, lambda: frame(DONE)), headers=call.trace.headers)


def _write_error(error: CodeMuseError) -> bytes:
    body = OpenAIErrorBody(message=error.message, type="server_error", code=error.public_code)
    return frame(OpenAIError(error=body).model_dump_json().encode())

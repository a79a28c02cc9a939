"""``/v1/chat/completions`` in OpenAI's dialect."""

from collections.abc import AsyncGenerator
from contextlib import aclosing

from fastapi import APIRouter, Request, Response

from codemuse.contracts.llm import OpenAIError, OpenAIErrorBody
from codemuse.errors import CodeMuseError
from llm_server.core.access import Calling
from llm_server.core.calls import Call
from llm_server.core.checking import read_json
from llm_server.core.providers.provider import Events
from llm_server.core.relay import StreamResponse, watching
from llm_server.core.sse import DONE, frame, frames
from llm_server.features.chat.dependencies import Service

router = APIRouter(prefix="/v1", tags=["chat"])


@router.post("/chat/completions", response_model=None)
async def create_chat_completion(request: Request, caller: Calling, service: Service) -> Response:
    """Answer a conversation, at once or as a stream."""
    call = service.prepare(read_json(await request.body()), caller)
    async with watching(request.receive):
        if not call.body.get("stream"):
            completion = await service.complete(call)
            return Response(completion.data, media_type="application/json", headers=call.trace.headers)
        events = await service.open_stream(call)
    return StreamResponse(_relay(events, call), headers=call.trace.headers)


async def _relay(events: Events, call: Call) -> AsyncGenerator[bytes, None]:
    options = call.body.get("stream_options")
    wants_usage = isinstance(options, dict) and bool(options.get("include_usage"))
    try:
        async with aclosing(events) as groups:
            async for group in groups:
                shown = group if wants_usage else [event for event in group if not event.is_usage_only]
                if shown:
                    yield frames([event.data for event in shown])
    except CodeMuseError as error:
        body = OpenAIErrorBody(message=error.message, type="server_error", code=error.public_code)
        yield frame(OpenAIError(error=body).model_dump_json().encode())
        return
    yield frame(DONE)

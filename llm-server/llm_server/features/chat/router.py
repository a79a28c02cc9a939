"""``/v1/chat/completions`` in OpenAI's dialect."""

from collections.abc import AsyncIterator

from fastapi import APIRouter
from fastapi.responses import StreamingResponse

from codemuse.contracts.llm import ChatChunk, ChatReply, ChatRequest, OpenAIError, OpenAIErrorBody
from codemuse.errors import CodeMuseError
from llm_server.features.chat.dependencies import Service

router = APIRouter(prefix="/v1", tags=["chat"])


@router.post("/chat/completions", response_model=ChatReply)
async def create_chat_completion(body: ChatRequest, service: Service) -> ChatReply | StreamingResponse:
    """Answer a conversation, at once or as a stream."""
    if not body.stream:
        return await service.complete(body)
    events = await service.open_stream(body)
    wants_usage = body.stream_options is not None and body.stream_options.include_usage
    return StreamingResponse(
        _frames(events, wants_usage), media_type="text/event-stream", headers={"Cache-Control": "no-store"}
    )


async def _frames(events: AsyncIterator[ChatChunk], wants_usage: bool) -> AsyncIterator[bytes]:
    try:
        async for event in events:
            shown = event if wants_usage else event.model_copy(update={"usage": None})
            if shown.choices or shown.usage:
                yield b"data: " + shown.model_dump_json(exclude_none=True).encode() + b"\n\n"
    except CodeMuseError as error:
        body = OpenAIErrorBody(message=error.message, type="server_error", code=error.public_code)
        yield b"data: " + OpenAIError(error=body).model_dump_json().encode() + b"\n\n"
        return
    yield b"data: [DONE]\n\n"

"""Answers as bytes on the wire: what the routes of all dialects share."""

from collections.abc import AsyncGenerator, Callable, Iterable
from contextlib import aclosing

import orjson

from codemuse.contracts.llm import OpenAIError, OpenAIErrorBody
from codemuse.errors import CodeMuseError
from llm_server.core.calls import Call, Event, Json
from llm_server.core.providers.provider import Events
from llm_server.core.sse import frame


def wants_usage(call: Call) -> bool:
    """Whether the caller of a stream asked to be told the tokens."""
    options = call.body.get("stream_options")
    return isinstance(options, dict) and bool(options.get("include_usage"))


async def write_groups(
    events: Events,
    write: Callable[[list[Event]], bytes],
    fail: Callable[[CodeMuseError], bytes],
    end: Callable[[], bytes],
) -> AsyncGenerator[bytes, None]:
    """Bytes of every group of events, then of the end; what breaks off ends with the bytes of its error."""
    try:
        async with aclosing(events) as groups:
            async for group in groups:
                if written := write(group):
                    yield written
    except CodeMuseError as error:
        yield fail(error)
        return
    yield end()


def openai_error(error: CodeMuseError) -> bytes:
    """The event of an answer that broke off, as OpenAI's chat completions and completions have it."""
    body = OpenAIErrorBody(message=error.message, type="server_error", code=error.public_code)
    return frame(OpenAIError(error=body).model_dump_json().encode())


def named_frames(events: Iterable[Json]) -> bytes:
    """Events on the wire under their types as names, as OpenAI's responses and Anthropic's messages have it."""
    return b"".join(
        b"event: " + str(event["type"]).encode() + b"\ndata: " + orjson.dumps(event) + b"\n\n" for event in events
    )

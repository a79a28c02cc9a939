"""Run events as server-sent events."""

from collections.abc import AsyncIterator

from fastapi import Response
from sse_starlette import EventSourceResponse, ServerSentEvent

from codemuse.contracts.runs import RunEvent

_PING_SECONDS = 10


def event_stream(events: AsyncIterator[RunEvent]) -> Response:
    """A reply that sends each event with its number as the id, and a comment now and then to keep proxies awake."""

    async def frames() -> AsyncIterator[ServerSentEvent]:
        async for event in events:
            yield ServerSentEvent(id=str(event.seq), event=event.type.value, data=event.model_dump_json())

    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return EventSourceResponse(frames(), ping=_PING_SECONDS, headers=headers)

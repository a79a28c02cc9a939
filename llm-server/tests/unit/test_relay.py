"""Streams on the wire: heartbeats while nothing happens, an end when the caller leaves."""

import asyncio
from collections.abc import AsyncGenerator

from llm_server.core.relay import StreamResponse


class Wire:
    """The two ends of an ASGI request."""

    def __init__(self) -> None:
        self.sent: list[dict] = []
        self.left = asyncio.Event()

    async def receive(self) -> dict:
        await self.left.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: dict) -> None:
        self.sent.append(message)

    @property
    def bodies(self) -> list[bytes]:
        return [message["body"] for message in self.sent if message["type"] == "http.response.body"]


async def test_a_silent_stream_beats_and_a_lively_one_does_not() -> None:
    async def chunks() -> AsyncGenerator[bytes, None]:
        for _ in range(5):
            await asyncio.sleep(0.01)
            yield b"data: lively\n\n"
        await asyncio.sleep(0.35)
        yield b"data: late\n\n"

    wire = Wire()
    await StreamResponse(chunks(), heartbeat_seconds=0.1)({}, wire.receive, wire.send)
    beats = [index for index, body in enumerate(wire.bodies) if body.startswith(b":")]
    assert len(beats) in {2, 3}
    assert beats[0] == 5
    assert wire.bodies[-2:] == [b"data: late\n\n", b""]


async def test_the_source_is_closed_when_the_caller_leaves() -> None:
    closed = asyncio.Event()

    async def chunks() -> AsyncGenerator[bytes, None]:
        try:
            yield b"data: one\n\n"
            await asyncio.sleep(60)
        finally:
            closed.set()

    wire = Wire()
    answering = asyncio.create_task(StreamResponse(chunks())({}, wire.receive, wire.send))
    while b"data: one\n\n" not in wire.bodies:
        await asyncio.sleep(0)
    wire.left.set()
    await asyncio.wait_for(answering, 2)
    assert closed.is_set()
    assert b"" not in wire.bodies

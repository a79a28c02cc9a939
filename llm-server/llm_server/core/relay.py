"""Passing a stream on to whoever asked for it, and noticing when they leave."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import aclosing, asynccontextmanager
from typing import Any

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from codemuse.errors import CodeMuseError

HEARTBEAT_SECONDS = 15.0
_HEARTBEAT = b": still here\n\n"


class CallerLeft(CodeMuseError):
    """The caller hung up; nobody reads this."""

    code = "caller_left"
    status = 499


@asynccontextmanager
async def watching(receive: Receive) -> AsyncIterator[None]:
    """Cancel the block when the caller leaves, so that the upstream is left too.

    Args:
        receive: Of the request, whose body has been read.

    Raises:
        CallerLeft: They did.
    """
    working = asyncio.current_task()
    left = False

    async def watch() -> None:
        nonlocal left
        while (await receive())["type"] != "http.disconnect":
            pass
        left = True
        if working is not None:
            working.cancel()

    watcher = asyncio.create_task(watch())
    try:
        yield
    except asyncio.CancelledError:
        if not left or working is None or working.uncancel() > 0:
            raise
        raise CallerLeft("The caller left.") from None
    finally:
        watcher.cancel()


class StreamResponse(Response):
    """Server-sent events, with heartbeats while nothing happens.

    Args:
        chunks: Bytes to send as they come; ends are closed whatever happens.
        headers: Further headers.
        heartbeat_seconds: Longest silence.
    """

    media_type = "text/event-stream"

    def __init__(
        self,
        chunks: AsyncIterator[bytes],
        *,
        headers: Mapping[str, str] | None = None,
        heartbeat_seconds: float = HEARTBEAT_SECONDS,
    ) -> None:
        self.status_code = 200
        self.background = None
        self._chunks: Any = chunks
        self._heartbeat_seconds = heartbeat_seconds
        self.init_headers({"Cache-Control": "no-store", "X-Accel-Buffering": "no", **(headers or {})})

    async def __call__(self, _scope: Scope, receive: Receive, send: Send) -> None:
        """Send everything, or stop when the caller leaves."""
        async with aclosing(self._chunks) as chunks:
            try:
                async with watching(receive):
                    await self._send_all(chunks, send)
            except (CallerLeft, OSError):
                return

    async def _send_all(self, chunks: AsyncIterator[bytes], send: Send) -> None:
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        pulse = asyncio.create_task(self._beat(send))
        try:
            async for chunk in chunks:
                self._last_sent = asyncio.get_running_loop().time()
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
        finally:
            pulse.cancel()
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _beat(self, send: Send) -> None:
        loop = asyncio.get_running_loop()
        self._last_sent = loop.time()
        while True:
            quiet = loop.time() - self._last_sent
            if quiet >= self._heartbeat_seconds:
                await send({"type": "http.response.body", "body": _HEARTBEAT, "more_body": True})
                self._last_sent, quiet = loop.time(), 0.0
            await asyncio.sleep(self._heartbeat_seconds - quiet)

"""The network of the tests: from httpx straight into an application, piece by piece."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
from fastapi import FastAPI


class StreamingTransport(httpx.AsyncBaseTransport):
    """Like httpx.ASGITransport, but hands out the pieces of a reply as they come."""

    def __init__(self, app: FastAPI) -> None:
        self._app = app

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Begin a call; its reply is read from the response's stream."""
        call = _Call(await request.aread())
        scope = {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": request.method,
            "headers": [(key.lower(), value) for key, value in request.headers.raw], "scheme": "http",
            "path": request.url.path, "raw_path": request.url.raw_path, "query_string": request.url.query,
            "server": ("services", 80), "client": ("test", 1), "root_path": "",
        }  # fmt: skip
        start = await call.begin(self._app, scope)
        return httpx.Response(start["status"], headers=start["headers"], stream=call)


class _Call(httpx.AsyncByteStream):
    """One call under way; closing it is the client hanging up, and waits until the application has noticed."""

    def __init__(self, body: bytes) -> None:
        self._body: bytes | None = body
        self._messages: asyncio.Queue[dict[str, Any] | None] = asyncio.Queue()
        self._gone = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def begin(self, app: FastAPI, scope: dict[str, Any]) -> dict[str, Any]:
        self._task = asyncio.create_task(self._serve(app, scope))
        start = await self._messages.get()
        assert start is not None, "the application failed; see the log above"
        return start

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while (message := await self._messages.get()) is not None:
            yield message.get("body", b"")

    async def aclose(self) -> None:
        assert self._task is not None
        self._gone.set()
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def _serve(self, app: FastAPI, scope: dict[str, Any]) -> None:
        try:
            await app(scope, self._receive, self._messages.put)
        finally:
            self._messages.put_nowait(None)

    async def _receive(self) -> dict[str, Any]:
        if self._body is not None:
            body, self._body = self._body, None
            return {"type": "http.request", "body": body, "more_body": False}
        await self._gone.wait()
        return {"type": "http.disconnect"}

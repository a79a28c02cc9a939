"""The network between services: aiohttp's connections behind httpx's seam.

httpx's own network spends five times the processor time on a small call. What a caller sees is httpx's: its requests, its
responses, its errors, and in tests another transport in this one's place.
"""

import io
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager

import aiohttp
import httpx
from yarl import URL

MOST_CONNECTIONS = 200
KEPT_SECONDS = 4.0
"""Idle connections are closed before the server does it, after 5 s."""
LARGE_BODY_BYTES = 2**20
"""Larger ones are sent in pieces, so that other requests get their turn in between."""

_ERRORS: tuple[tuple[type[BaseException], type[httpx.TransportError]], ...] = (
    (aiohttp.ConnectionTimeoutError, httpx.ConnectTimeout),
    (aiohttp.ServerTimeoutError, httpx.ReadTimeout),
    (aiohttp.ClientConnectorError, httpx.ConnectError),
    (aiohttp.ClientOSError, httpx.ReadError),
    (aiohttp.ClientPayloadError, httpx.ReadError),
    (aiohttp.ClientError, httpx.RemoteProtocolError),
    (TimeoutError, httpx.PoolTimeout),
)
"""The first that fits is meant."""


class AiohttpTransport(httpx.AsyncBaseTransport):
    """Sends requests over kept connections; follows nothing, stores nothing, reads no environment."""

    def __init__(self) -> None:
        self._session: aiohttp.ClientSession | None = None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request and read the head of its answer.

        Raises:
            httpx.TransportError: It could not be sent, or was not answered.
        """
        session = self._session = self._session or _open_session()
        seconds = request.extensions.get("timeout", {})
        with _translated():
            response = await session.request(
                request.method,
                URL(str(request.url), encoded=True),
                headers=[(name, value) for name, value in request.headers.items() if name != "transfer-encoding"],
                data=_body_of(request),
                allow_redirects=False,
                timeout=aiohttp.ClientTimeout(
                    total=None,
                    connect=seconds.get("pool"),
                    sock_connect=seconds.get("connect"),
                    sock_read=seconds.get("read"),
                ),
            )
        return httpx.Response(response.status, headers=response.raw_headers, stream=_Body(response), request=request)

    async def aclose(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()


class _Body(httpx.AsyncByteStream):
    def __init__(self, response: aiohttp.ClientResponse) -> None:
        self._response = response

    async def __aiter__(self) -> AsyncIterator[bytes]:
        with _translated():
            async for piece in self._response.content.iter_any():
                yield piece

    async def aclose(self) -> None:
        """Give the connection up, unless all of the answer was read: then it is kept already."""
        self._response.close()


def _open_session() -> aiohttp.ClientSession:
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=MOST_CONNECTIONS, keepalive_timeout=KEPT_SECONDS),
        cookie_jar=aiohttp.DummyCookieJar(),
        auto_decompress=False,
    )


def _body_of(request: httpx.Request) -> bytes | io.BytesIO | AsyncIterator[bytes] | None:
    try:
        content = request.content
        return io.BytesIO(content) if len(content) > LARGE_BODY_BYTES else content or None
    except httpx.RequestNotRead:
        stream = request.stream
        return stream.__aiter__() if isinstance(stream, httpx.AsyncByteStream) else None


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except (aiohttp.ClientError, TimeoutError) as error:
        meant = next(ours for theirs, ours in _ERRORS if isinstance(error, theirs))
        raise meant(str(error) or type(error).__name__) from error

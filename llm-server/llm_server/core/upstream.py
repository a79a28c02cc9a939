"""HTTP to the upstreams: one pool of connections, deadlines, and failures under their right names."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.request import getproxies

import aiohttp
import orjson

from codemuse.logging import mask
from llm_server.core.calls import Call, Json
from llm_server.core.errors import (
    ContentRefused,
    ContextExceeded,
    KeyRefused,
    ModelError,
    ModelFailed,
    ModelInterrupted,
    ModelOverloaded,
    ModelRateLimited,
    ModelStalled,
    ModelUnreachable,
    RequestRefused,
    TimeIsUp,
)
from llm_server.core.model import Model

CONNECT_SECONDS = 5.0
_KEEP_ALIVE_SECONDS = 4.0
"""Less than the five seconds after which uvicorn, and so vLLM, drops a connection that nobody uses."""
_EXPLANATION_CHARACTERS = 500
_USUAL_RETRY_SECONDS = 5.0
_CONTEXT_CODES = frozenset({"context_length_exceeded", "string_above_max_length"})
_CONTEXT_WORDS = ("maximum context length", "context window", "context length", "prompt is too long", "too many tokens")
_CONTENT_CODES = frozenset({"content_filter", "content_policy_violation"})
_EMBEDDING_CODES = frozenset({"token_arrays_unsupported", "empty_input", "too_many_texts", "invalid_dimensions"})
"""What embedding-server refuses; it says better than we could what to send instead."""
_REASONS_TO_ASK_ANOTHER = frozenset({404, 408, 409, 402})


@asynccontextmanager
async def open_session() -> AsyncIterator[aiohttp.ClientSession]:
    """Open the pool that all upstreams share; proxies are taken from the environment where it names any."""
    connector = aiohttp.TCPConnector(limit=0, limit_per_host=0, ttl_dns_cache=30, keepalive_timeout=_KEEP_ALIVE_SECONDS)
    async with aiohttp.ClientSession(
        connector=connector,
        timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_SECONDS),
        trust_env=bool(getproxies()),
        auto_decompress=True,
        cookie_jar=aiohttp.DummyCookieJar(),
        read_bufsize=2**18,
    ) as session:
        yield session


class Upstream:
    """One model's address."""

    def __init__(self, model: Model, session: aiohttp.ClientSession, headers: Mapping[str, str]) -> None:
        self.model = model
        self._session = session
        self._headers = {"Content-Type": "application/json", "Accept-Encoding": "identity", **headers}

    async def fetch(self, call: Call, url: str, body: Json | None) -> bytes:
        """Send a request and read its whole answer; without a body it is a ``GET``.

        Raises:
            ModelError: There is no good answer before the deadline.
        """
        began = time.monotonic()
        try:
            async with asyncio.timeout(call.remaining_seconds()), await self._send(url, body) as response:
                content = await response.read()
        except TimeoutError:
            if time.monotonic() - began < self.model.patience.stall:
                raise self._time_is_up() from None
            raise ModelStalled(f"{self.model} did not answer in time.") from None
        except aiohttp.ClientError:
            raise ModelInterrupted(f"{self.model} broke off.") from None
        if response.status >= 400:
            raise self.refusal(response.status, response.headers, content)
        return content

    @asynccontextmanager
    async def open(self, call: Call, url: str, body: Json) -> AsyncIterator[aiohttp.ClientResponse]:
        """Open a streamed answer; leaving the block before its end cuts the connection, which the upstream notices.

        Raises:
            ModelError: It does not begin to answer.
        """
        try:
            async with asyncio.timeout(min(self.model.patience.first_token, call.remaining_seconds())):
                response = await self._send(url, body)
        except TimeoutError:
            if not call.remaining_seconds():
                raise self._time_is_up() from None
            raise ModelStalled(f"{self.model} does not begin to answer.") from None
        try:
            if response.status >= 400:
                raise self.refusal(response.status, response.headers, await _read_leniently(response))
            yield response
        finally:
            response.close()

    async def read(self, call: Call, response: aiohttp.ClientResponse, seconds: float) -> bytes:
        """What has arrived, waiting at most so long and never beyond the deadline; empty at the end.

        Raises:
            ModelError: It falls silent or breaks off.
        """
        try:
            async with asyncio.timeout(min(seconds, call.remaining_seconds())):
                return await response.content.readany()
        except TimeoutError:
            if not call.remaining_seconds():
                raise self._time_is_up() from None
            raise ModelStalled(f"{self.model} fell silent.") from None
        except (aiohttp.ClientError, OSError):
            raise ModelInterrupted(f"{self.model} broke off.") from None

    async def read_whole(self, call: Call, response: aiohttp.ClientResponse) -> bytes:
        """All that arrives of an answer that is no stream.

        Raises:
            ModelError: As for ``read``.
        """
        pieces: list[bytes] = []
        while packet := await self.read(call, response, self.model.patience.stall):
            pieces.append(packet)
        return b"".join(pieces)

    def _time_is_up(self) -> TimeIsUp:
        return TimeIsUp(f"The time for this answer ran out while {self.model} was asked.")

    async def _send(self, url: str, body: Json | None) -> aiohttp.ClientResponse:
        method, data = ("GET", None) if body is None else ("POST", orjson.dumps(body))
        try:
            return await self._session.request(method, url, data=data, headers=self._headers, allow_redirects=False)
        except (aiohttp.ClientConnectorError, aiohttp.ServerTimeoutError, aiohttp.InvalidURL):
            raise ModelUnreachable(f"{self.model} cannot be reached.", retry_after=5) from None
        except (aiohttp.ClientError, OSError):
            raise ModelInterrupted(f"{self.model} broke off before it answered.") from None

    def refusal(self, status: int, headers: Mapping[str, str], content: bytes) -> ModelError:
        """The error for a reply that is none; texts of the upstream are shown to people, secrets masked."""
        fields = _error_fields(content)
        code = str(fields.get("code") or fields.get("type") or "")
        reason = mask(str(fields.get("message") or f"status {status}"))[:_EXPLANATION_CHARACTERS]
        message = f"{self.model}: {reason}"
        lowered = reason.lower()
        if code in _CONTEXT_CODES or (status in {400, 413} and any(words in lowered for words in _CONTEXT_WORDS)):
            return ContextExceeded(message)
        if code in _CONTENT_CODES:
            return ContentRefused(message)
        if code in _EMBEDDING_CODES:
            return RequestRefused(reason, code=code)
        if status in {401, 403}:
            return KeyRefused(f"{message} (check the API key)")
        if status in {429, 529}:
            return ModelRateLimited(message, retry_after=_retry_after(headers))
        if status in {502, 503}:
            return ModelOverloaded(message, retry_after=_retry_after(headers))
        if status >= 500 or status < 400 or status in _REASONS_TO_ASK_ANOTHER:
            return ModelFailed(message)
        return RequestRefused(message)


def _error_fields(content: bytes) -> dict[str, Any]:
    try:
        fields = orjson.loads(content)
    except orjson.JSONDecodeError:
        return {}
    error = fields.get("error", fields) if isinstance(fields, dict) else fields
    if isinstance(error, dict):
        return error
    return {"message": error} if isinstance(error, str) else {}


def _retry_after(headers: Mapping[str, str]) -> float:
    """Seconds that it wants to be left alone, which it says in seconds or as a date."""
    text = headers.get("Retry-After", "")
    if text.replace(".", "", 1).isdigit():
        return float(text)
    try:
        return max(0.0, (parsedate_to_datetime(text) - datetime.now(UTC)).total_seconds())
    except (TypeError, ValueError):
        return _USUAL_RETRY_SECONDS


async def _read_leniently(response: aiohttp.ClientResponse) -> bytes:
    try:
        async with asyncio.timeout(CONNECT_SECONDS):
            return await response.content.read(2**16)
    except (TimeoutError, aiohttp.ClientError, OSError):
        return b""

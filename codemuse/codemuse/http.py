"""The one way a service calls another: deadline, retries with a budget, circuit breaker, ids, and typed errors."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

import httpx
import stamina
from pydantic import BaseModel, SecretStr, ValidationError

from codemuse.breaker import BreakerStore, CircuitBreaker, MemoryBreakerStore
from codemuse.contracts.common import ErrorBody
from codemuse.errors import CodeMuseError, DeadlineExceeded, DependencyFailed, Unavailable, from_envelope
from codemuse.metrics import CLIENT_RETRIES, CLIENT_SECONDS
from codemuse.network import AiohttpTransport
from codemuse.replicas import ReplicaTransport
from codemuse.request_context import DEADLINE_HEADER, REQUEST_ID_HEADER, current_request_id, remaining_seconds

R = TypeVar("R", bound=BaseModel)
Params = Mapping[str, str | int | float | bool | None]
ATTEMPTS = 3
"""Of a call that may be made twice."""
_LIMITS = "x-ratelimit-"
"""Headers of a refusal that tell the caller what is left; they are handed on with it."""


@dataclass(slots=True)
class RetryBudget:
    """Keeps retries to a share of the calls, so that a failing service is not buried under them.

    Every call earns ``share`` of a retry, at most ``reserve`` are saved up (the scheme of Finagle's RetryBudget).
    """

    share: float = 0.2
    reserve: float = 10.0
    _saved: float = field(default=3.0)

    def earn(self) -> None:
        """Count a call."""
        self._saved = min(self.reserve, self._saved + self.share)

    def spend(self) -> bool:
        """Take one retry out, if there is one."""
        if self._saved < 1.0:
            return False
        self._saved -= 1.0
        return True


@dataclass(frozen=True, slots=True)
class ServiceAddress:
    """Where a service is and what it wants to see."""

    name: str
    url: str
    token: SecretStr
    timeout_seconds: float = 30.0


class ServiceClient:
    """Calls one service. Shared by all requests of a process; open it with ``open_service_client``."""

    def __init__(self, address: ServiceAddress, transport: httpx.AsyncBaseTransport, breaker: CircuitBreaker) -> None:
        self._address = address
        self._transport = transport
        self._base = address.url.rstrip("/")
        self._headers = {
            "Authorization": f"Bearer {address.token.get_secret_value()}",
            "Accept": "*/*",
            "Accept-Encoding": "identity",
        }
        self.breaker = breaker
        self._budget = RetryBudget()

    @property
    def name(self) -> str:
        """Name of the service."""
        return self._address.name

    async def probe(self, reply: type[R], *, seconds: float) -> R:
        """Ask ``/readyz`` once, past the breaker, and read the answer whatever its status.

        Raises:
            Unavailable: The service does not answer, or with something else.
        """
        try:
            response = await self._send(self._request("GET", "/readyz", timeout=seconds))
            return reply.model_validate_json(response.content)
        except httpx.HTTPError as error:
            raise self._transport_error(error) from error
        except ValidationError:
            raise Unavailable(f"{self.name} does not answer as itself.") from None

    async def call(
        self,
        method: str,
        path: str,
        reply: type[R],
        *,
        body: BaseModel | None = None,
        params: Params | None = None,
        headers: Mapping[str, str] | None = None,
        idempotent: bool = True,
        **options: Any,
    ) -> R:
        """Send one request and read its reply.

        Args:
            method: HTTP method.
            path: Path below the base address.
            reply: The contract the answer must fit.
            body: JSON body.
            params: Query; ``None`` values are left out.
            headers: Further headers.
            idempotent: Whether doing it twice is harmless; only then is it tried again.
            **options: ``content``, ``files`` or ``timeout_seconds``.

        Raises:
            CodeMuseError: What the service raised, as the same class.
            Unavailable: The service cannot be reached or its breaker is open.
            DependencyFailed: The answer does not fit the contract.
            DeadlineExceeded: The deadline of the current request has passed.
        """
        content = await self.fetch(
            method, path, body=body, params=params, headers=headers, idempotent=idempotent, **options
        )
        try:
            return reply.model_validate_json(content or b"{}")
        except ValidationError:
            raise DependencyFailed(f"{self._address.name} sent a reply that does not fit its contract.") from None

    async def fetch(
        self,
        method: str,
        path: str,
        *,
        body: BaseModel | None = None,
        params: Params | None = None,
        headers: Mapping[str, str] | None = None,
        idempotent: bool = True,
        **options: Any,
    ) -> bytes:
        """Send one request; its reply as it came, for callers that only hand it on.

        Raises:
            CodeMuseError: As for ``call``.
        """
        self._budget.earn()
        left = ATTEMPTS if idempotent else 1

        def retry_after(error: Exception) -> bool | float:
            nonlocal left
            left -= 1
            return left > 0 and self._retry_after(error)

        async for attempt in stamina.retry_context(
            on=retry_after, attempts=ATTEMPTS, timeout=None, wait_initial=0.05, wait_max=2.0, wait_jitter=0.1
        ):
            with attempt:
                response = await self._guarded(self._build(method, path, body, params, headers, options))
        return response.content

    @asynccontextmanager
    async def stream(
        self,
        method: str,
        path: str,
        *,
        body: BaseModel | None = None,
        params: Params | None = None,
        headers: Mapping[str, str] | None = None,
        **options: Any,
    ) -> AsyncIterator[httpx.Response]:
        """Open a streamed reply; leaving the block closes the connection, which the service notices.

        Raises:
            CodeMuseError: As for ``call``; nothing is tried again.
        """
        started = time.perf_counter()
        response = await self._guarded(self._build(method, path, body, params, headers, options), whole=False)
        try:
            yield response
        except httpx.HTTPError as error:
            await self._report(started, succeeded=False)
            raise self._transport_error(error) from error
        finally:
            await response.aclose()

    async def _guarded(self, request: httpx.Request, *, whole: bool = True) -> httpx.Response:
        """Send a request if the breaker lets it pass, and tell the breaker how it ended."""
        await self.breaker.before_call()
        started = time.perf_counter()
        try:
            response = await self._send(request, whole=whole)
        except httpx.HTTPError as error:
            await self._report(started, succeeded=False)
            raise self._transport_error(error) from error
        except BaseException:
            # The caller left; that says nothing about the service, but a probe's place must not stay taken.
            await asyncio.shield(self.breaker.abandon_call())
            raise
        try:
            await self._report(started, succeeded=response.status_code < 500)
            self._raise_for_status(response)
        except BaseException:
            await response.aclose()
            raise
        return response

    def _build(
        self,
        method: str,
        path: str,
        body: BaseModel | None,
        params: Params | None,
        headers: Mapping[str, str] | None,
        options: Mapping[str, Any],
    ) -> httpx.Request:
        timeout = options.get("timeout_seconds", self._address.timeout_seconds)
        remaining = remaining_seconds()
        if remaining is not None:
            timeout = min(timeout, remaining)
        if timeout <= 0:
            raise DeadlineExceeded("The time for this request has run out.")
        content = body.model_dump_json(exclude_none=True).encode() if body is not None else options.get("content")
        known = {REQUEST_ID_HEADER: current_request_id(), DEADLINE_HEADER: f"{timeout:.3f}"}
        if body is not None:
            known["Content-Type"] = "application/json"
        return self._request(
            method,
            path,
            timeout=timeout,
            content=content,
            files=options.get("files"),
            data=options.get("data"),
            params={key: value for key, value in (params or {}).items() if value is not None} or None,
            headers={**known, **(headers or {})},
        )

    def _request(
        self, method: str, path: str, *, timeout: float, headers: Mapping[str, str] | None = None, **parts: Any
    ) -> httpx.Request:
        """A request as it is sent: redirects, cookies and the environment's settings have no place between services."""
        limits = httpx.Timeout(timeout, connect=min(3.0, timeout))
        return httpx.Request(
            method,
            f"{self._base}{path}",
            headers={**self._headers, **(headers or {})},
            extensions={"timeout": limits.as_dict()},
            **parts,
        )

    async def _send(self, request: httpx.Request, *, whole: bool = True) -> httpx.Response:
        """The whole answer, or the head of one that is no error; it must be there in time, however it trickles in."""
        seconds = request.extensions["timeout"]["read"]
        try:
            async with asyncio.timeout(seconds):
                response = await self._transport.handle_async_request(request)
                if whole or response.is_error:
                    try:
                        await response.aread()
                    finally:
                        await response.aclose()
        except TimeoutError as error:
            raise httpx.ReadTimeout(f"no answer within {seconds:g} s", request=request) from error
        return response

    async def _report(self, started: float, *, succeeded: bool) -> None:
        seconds = time.perf_counter() - started
        CLIENT_SECONDS.labels(self._address.name, "ok" if succeeded else "failed").observe(seconds)
        await self.breaker.after_call(succeeded=succeeded, seconds=seconds)

    def _retry_after(self, error: Exception) -> bool | float:
        transient = isinstance(error, CodeMuseError) and error.status in {429, 502, 503}
        if not transient or getattr(error, "public_code", "") == "circuit_open" or not self._budget.spend():
            return False
        CLIENT_RETRIES.labels(self._address.name).inc()
        wait = getattr(error, "retry_after", None)
        return True if wait is None else min(float(wait), 5.0)

    def _transport_error(self, error: httpx.HTTPError) -> CodeMuseError:
        if isinstance(error, httpx.TimeoutException):
            if remaining_seconds() == 0:
                return DeadlineExceeded("The time for this request has run out.")
            return Unavailable(f"{self._address.name} did not answer in time.", code="service_timeout")
        if isinstance(error, httpx.ConnectError):
            return Unavailable(f"{self._address.name} cannot be reached.", code="service_unreachable")
        return Unavailable(f"{self._address.name} broke off while it answered.", code="service_interrupted")

    def _raise_for_status(self, response: httpx.Response) -> None:
        if not response.is_error:
            return
        try:
            body = ErrorBody.model_validate_json(response.content)
        except ValidationError:
            body = self._foreign_body(response)
        retry_after = response.headers.get("Retry-After", "")
        error = from_envelope(
            response.status_code, body, retry_after=float(retry_after) if retry_after.isdigit() else None
        )
        error.headers = {name: value for name, value in response.headers.items() if name.startswith(_LIMITS)}
        raise error

    def _foreign_body(self, response: httpx.Response) -> ErrorBody:
        """Read OpenAI's error shape; say something neutral about anything else."""
        try:
            inner = response.json()["error"]
            return ErrorBody(error=inner.get("code") or "dependency_failed", message=inner["message"])
        except (ValueError, KeyError, TypeError, AttributeError):
            return ErrorBody(
                error="dependency_failed", message=f"{self._address.name} answered with status {response.status_code}."
            )


@asynccontextmanager
async def open_service_client(
    address: ServiceAddress,
    *,
    breakers: BreakerStore | None = None,
    transport: httpx.AsyncBaseTransport | None = None,
) -> AsyncIterator[ServiceClient]:
    """Open a client with its connection pool.

    Args:
        address: The service.
        breakers: Where the breaker's record lives; this process when not given.
        transport: Replaces the network, for tests.
    """
    async with transport or ReplicaTransport(AiohttpTransport()) as network:
        breaker = CircuitBreaker(address.name, breakers or MemoryBreakerStore())
        yield ServiceClient(address, network, breaker)

"""Spreads calls over the replicas of a service: its name may stand for several addresses, and they come and go.

A pool of kept connections alone would stay with the replica that it met first.
"""

import asyncio
import itertools
import socket
import time
from collections.abc import Awaitable, Callable

import httpx

Resolve = Callable[[str, int], Awaitable[list[str]]]
REMEMBER_SECONDS = 5.0


async def resolve_addresses(host: str, port: int) -> list[str]:
    """Every address of a host, each once.

    Raises:
        OSError: The name is not known.
    """
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return sorted({str(address[0]) for *_, address in found})


class ReplicaTransport(httpx.AsyncBaseTransport):
    """Sends each request to the next address of its host; one that refuses is passed over for a while."""

    def __init__(
        self,
        inner: httpx.AsyncBaseTransport,
        *,
        resolve: Resolve = resolve_addresses,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._inner = inner
        self._resolve = resolve
        self._clock = clock
        self._known: dict[str, tuple[float, list[str]]] = {}
        self._turns = itertools.count()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send the request; nothing was sent yet where a connection is refused, so the next address may have it."""
        if request.url.scheme != "http":
            return await self._inner.handle_async_request(request)
        addresses = await self._list_addresses(request)
        if addresses == [request.url.host]:
            return await self._inner.handle_async_request(request)
        turn = next(self._turns) % len(addresses)
        for address in (*addresses[turn:], *addresses[:turn]):
            try:
                return await self._inner.handle_async_request(_redirect(request, address))
            except httpx.ConnectError as error:
                self._pass_over(request.url.host, address)
                refused = error
        raise refused

    async def aclose(self) -> None:
        """Close the connections."""
        await self._inner.aclose()

    async def _list_addresses(self, request: httpx.Request) -> list[str]:
        host, now = request.url.host, self._clock()
        resolved_at, addresses = self._known.get(host, (now, []))
        if not addresses or now - resolved_at > REMEMBER_SECONDS:
            try:
                addresses = await self._resolve(host, request.url.port or 80)
            except OSError as error:
                raise httpx.ConnectError(str(error), request=request) from error
            self._known[host] = (now, addresses)
        return addresses

    def _pass_over(self, host: str, address: str) -> None:
        resolved_at, addresses = self._known[host]
        self._known[host] = (resolved_at, [other for other in addresses if other != address])


def _redirect(request: httpx.Request, address: str) -> httpx.Request:
    """The same request to one address; its ``Host`` header keeps the name."""
    return httpx.Request(
        request.method,
        request.url.copy_with(host=address),
        headers=request.headers,
        stream=request.stream,
        extensions=request.extensions,
    )

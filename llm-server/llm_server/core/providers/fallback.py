"""Fallback: the next provider answers when the first one fails before it has said anything."""

from collections.abc import AsyncIterator, Sequence

from codemuse.breaker import CircuitBreaker
from codemuse.contracts.llm import ChatChunk, ChatRequest
from codemuse.errors import CodeMuseError
from codemuse.logging import get_logger
from llm_server.core.providers.provider import Provider

_log = get_logger(__name__)
_CLIENT_MISTAKES = frozenset({400, 413, 422})


class BreakerProvider:
    """A provider that is left alone for a while after it failed several times."""

    def __init__(self, inner: Provider, breaker: CircuitBreaker) -> None:
        self._inner = inner
        self._breaker = breaker

    @property
    def models(self) -> Sequence[str]:
        """Those of the provider."""
        return self._inner.models

    async def stream(self, request: ChatRequest) -> AsyncIterator[ChatChunk]:
        """Pass events on; failures count, mistakes of the client and departures do not."""
        await self._breaker.before_call()
        succeeded = True
        try:
            async for event in self._inner.stream(request):
                yield event
        except CodeMuseError as error:
            succeeded = error.status in _CLIENT_MISTAKES
            raise
        finally:
            await self._breaker.after_call(succeeded=succeeded)


class FallbackProvider:
    """Several providers as one: each is asked when the ones before it failed without a word."""

    def __init__(self, chain: Sequence[Provider]) -> None:
        self._chain = chain

    @property
    def models(self) -> Sequence[str]:
        """All models, the preferred one first."""
        return [model for provider in self._chain for model in provider.models]

    async def stream(self, request: ChatRequest) -> AsyncIterator[ChatChunk]:
        """Events of the first provider that begins to answer."""
        last = len(self._chain) - 1
        for position, provider in enumerate(self._chain):
            begun = False
            try:
                async for event in provider.stream(request):
                    begun = True
                    yield event
            except CodeMuseError as error:
                if begun or position == last or error.status in _CLIENT_MISTAKES:
                    raise
                _log.warning(
                    "provider failed, the next one answers", models=list(provider.models), code=error.public_code
                )
            else:
                return

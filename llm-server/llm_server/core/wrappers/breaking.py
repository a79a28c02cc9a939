"""The circuit breaker of a model: it is left alone for a while after it failed, or was slow, again and again."""

import asyncio
import time
from contextlib import aclosing

from codemuse.breaker import CircuitBreaker
from codemuse.errors import Unavailable
from llm_server.core.calls import Call, Completion
from llm_server.core.errors import ModelError, ModelUnreachable
from llm_server.core.providers.provider import Events, Provider, Wrapper


class BreakingProvider(Wrapper):
    """Asks only while the breaker lets calls pass.

    Failures and slow first words count; what is the caller's own doing does not. Who leaves before the first word, or whose
    time is up, has learnt nothing of the model.
    """

    def __init__(self, inner: Provider, breaker: CircuitBreaker) -> None:
        super().__init__(inner)
        self._breaker = breaker

    async def complete(self, call: Call) -> Completion:
        """Answer, if the breaker lets the call pass."""
        await self._enter()
        started = time.perf_counter()
        succeeded: bool | None = None
        try:
            completion = await self._inner.complete(call)
        except ModelError as error:
            succeeded = not error.counts if error.tells else None
            raise
        else:
            succeeded = True
            return completion
        finally:
            await self._leave(succeeded, time.perf_counter() - started)

    async def stream(self, call: Call) -> Events:
        """Pass events on, if the breaker lets the call pass; slow is who is slow to begin."""
        await self._enter()
        started = time.perf_counter()
        waited: float | None = None
        succeeded: bool | None = None
        try:
            async with aclosing(self._inner.stream(call)) as groups:
                async for events in groups:
                    if waited is None:
                        waited, succeeded = time.perf_counter() - started, True
                    yield events
            succeeded = True
        except ModelError as error:
            succeeded = not error.counts if error.tells else succeeded
            raise
        finally:
            await self._leave(succeeded, waited or 0.0)

    async def _enter(self) -> None:
        try:
            await self._breaker.before_call()
        except Unavailable as error:
            raise ModelUnreachable(error.message, code=error.public_code, retry_after=error.retry_after) from None

    async def _leave(self, succeeded: bool | None, seconds: float) -> None:
        """Report how it ended; ``None`` when the caller has left before that was known."""
        if succeeded is None:
            await asyncio.shield(self._breaker.abandon_call())
        else:
            await asyncio.shield(self._breaker.after_call(succeeded=succeeded, seconds=seconds))

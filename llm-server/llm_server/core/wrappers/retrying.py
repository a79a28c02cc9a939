"""Trying the same model once more, where that is safe and likely to help."""

import asyncio
from contextlib import aclosing

from codemuse.http import RetryBudget
from llm_server.core.calls import Call, Completion
from llm_server.core.errors import ModelError
from llm_server.core.providers.provider import Events, Provider, Wrapper

_LONGEST_WAIT_SECONDS = 2.0
"""Who wants to be left alone for longer is not waited for: another model may answer."""


class RetryingProvider(Wrapper):
    """Asks again before the first event, at most once, within a budget of three retries for twenty calls."""

    def __init__(self, inner: Provider, budget: RetryBudget | None = None, *, first_wait_seconds: float = 0.1) -> None:
        super().__init__(inner)
        self._first_wait_seconds = first_wait_seconds
        self._budget = budget or RetryBudget(share=0.15, reserve=3.0)

    async def complete(self, call: Call) -> Completion:
        """Answer, at the second attempt if need be."""
        self._budget.earn()
        try:
            return await self._inner.complete(call)
        except ModelError as error:
            await self._wait_or_raise(error, call)
        return await self._inner.complete(call)

    async def stream(self, call: Call) -> Events:
        """Pass events on; what fails before its first event may be asked for again."""
        self._budget.earn()
        begun = False
        try:
            async with aclosing(self._inner.stream(call)) as groups:
                async for events in groups:
                    begun = True
                    yield events
        except ModelError as error:
            if begun:
                raise
            await self._wait_or_raise(error, call)
        else:
            return
        async with aclosing(self._inner.stream(call)) as groups:
            async for events in groups:
                yield events

    async def _wait_or_raise(self, error: ModelError, call: Call) -> None:
        wait = error.retry_after if error.status == 429 and error.retry_after is not None else self._first_wait_seconds
        hopeless = not error.repeatable or error.public_code == "circuit_open"
        if hopeless or wait > min(_LONGEST_WAIT_SECONDS, call.remaining_seconds()) or not self._budget.spend():
            raise error
        await asyncio.sleep(wait)

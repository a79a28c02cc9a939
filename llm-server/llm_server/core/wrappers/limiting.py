"""Limits of a model: what its provider would refuse is not even asked, so that the next model answers at once."""

from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager

from llm_server.core.accounts.gate import ModelGate
from llm_server.core.calls import Call, Completion
from llm_server.core.model import Model
from llm_server.core.providers.provider import Events, Provider, Wrapper


class LimitingProvider(Wrapper):
    """Asks while the model may be asked."""

    def __init__(self, inner: Provider, model: Model, gate: ModelGate) -> None:
        super().__init__(inner)
        self._model = model
        self._gate = gate

    async def complete(self, call: Call) -> Completion:
        """Answer, if the model may be asked."""
        async with self._place(call):
            return await self._inner.complete(call)

    async def stream(self, call: Call) -> Events:
        """Pass events on, if the model may be asked."""
        async with self._place(call), aclosing(self._inner.stream(call)) as groups:
            async for events in groups:
                yield events

    @asynccontextmanager
    async def _place(self, call: Call) -> AsyncIterator[None]:
        before = len(call.trace.attempts)
        admission = await self._gate.enter(self._model, call, self.count_tokens(call))
        try:
            yield
        finally:
            if admission is not None:
                made = call.trace.attempts[before:]
                self._gate.leave(admission, sum(one.tokens.prompt + one.tokens.completion for one in made))

"""Accounting: a reservation before the call, a settlement after it, also when the caller leaves."""

from contextlib import aclosing

from codemuse.errors import CodeMuseError
from llm_server.core.accounts.accounts import Accounts
from llm_server.core.calls import Call, Completion
from llm_server.core.model import Model
from llm_server.core.providers.provider import Events, Provider, Wrapper
from llm_server.core.wrappers.measure import CANCELLED


class AccountingProvider(Wrapper):
    """Lets only callers through who may, and writes down what they used.

    Args:
        inner: Who answers.
        model: By whose prices is reserved; what is settled goes by those of the model that answered.
        accounts: Where it is written down.
    """

    def __init__(self, inner: Provider, model: Model, accounts: Accounts) -> None:
        super().__init__(inner)
        self._model = model
        self._accounts = accounts

    async def complete(self, call: Call) -> Completion:
        """Answer within the limits."""
        reservation = await self._accounts.reserve(call, self._model, self.count_tokens(call))
        outcome = CANCELLED
        try:
            completion = await self._inner.complete(call)
            outcome = "ok"
        except CodeMuseError as error:
            outcome = error.public_code
            raise
        finally:
            self._accounts.settle(reservation, call, outcome)
        return completion

    async def stream(self, call: Call) -> Events:
        """Stream within the limits."""
        reservation = await self._accounts.reserve(call, self._model, self.count_tokens(call))
        outcome = CANCELLED
        try:
            async with aclosing(self._inner.stream(call)) as groups:
                async for events in groups:
                    yield events
            outcome = "ok"
        except CodeMuseError as error:
            outcome = error.public_code
            raise
        finally:
            self._accounts.settle(reservation, call, outcome)

    async def embed(self, call: Call) -> Completion:
        """Embed within the limits."""
        texts = call.body.get("input")
        size = len(texts) if isinstance(texts, str) else sum(len(str(one)) for one in texts or ())
        reservation = await self._accounts.reserve(call, self._model, size // 4)
        outcome = CANCELLED
        try:
            completion = await self._inner.embed(call)
            outcome = "ok"
        except CodeMuseError as error:
            outcome = error.public_code
            raise
        finally:
            self._accounts.settle(reservation, call, outcome)
        return completion

"""The one interface of everything that answers; capabilities are wrappers with the same interface."""

from collections.abc import AsyncGenerator, Sequence
from typing import Protocol

from llm_server.core.calls import Call, Completion, Event
from llm_server.core.errors import CapabilityMissing

Events = AsyncGenerator[list[Event], None]
"""Events in the groups in which they arrived, so that a fast stream costs little; closing it aborts the answer."""


class Provider(Protocol):
    """Answers calls. Every method raises ``ModelError`` when the model does not do its part."""

    async def complete(self, call: Call) -> Completion:
        """The whole answer at once."""
        ...

    def stream(self, call: Call) -> Events:
        """The answer as it is written; the last event with a choice has a ``finish_reason``, usage comes with or after it."""
        ...

    async def embed(self, call: Call) -> Completion:
        """Vectors for ``call.body["input"]``."""
        ...

    async def models(self, call: Call) -> Sequence[str]:
        """Names of the models that the upstream serves, adapters included; reaching it proves address and key."""
        ...

    def count_tokens(self, call: Call) -> int:
        """About how many tokens the conversation has."""
        ...


class Wrapper:
    """Passes everything on; a capability overrides what it changes."""

    def __init__(self, inner: Provider) -> None:
        self._inner = inner

    async def complete(self, call: Call) -> Completion:
        """Pass on."""
        return await self._inner.complete(call)

    def stream(self, call: Call) -> Events:
        """Pass on."""
        return self._inner.stream(call)

    async def embed(self, call: Call) -> Completion:
        """Pass on."""
        return await self._inner.embed(call)

    async def models(self, call: Call) -> Sequence[str]:
        """Pass on."""
        return await self._inner.models(call)

    def count_tokens(self, call: Call) -> int:
        """Pass on."""
        return self._inner.count_tokens(call)


def refuse_embedding(model: object) -> CapabilityMissing:
    """The error of a model that makes no vectors."""
    return CapabilityMissing(f"{model} makes no embeddings; ask a model that does.", param="model")

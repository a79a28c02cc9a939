"""The one interface of everything that answers; capabilities are wrappers with the same interface."""

from collections.abc import AsyncIterator, Sequence
from typing import Protocol

from codemuse.contracts.llm import ChatChunk, ChatRequest


class Provider(Protocol):
    """Answers chat requests as a stream of events; a whole answer is the sum of its stream."""

    @property
    def models(self) -> Sequence[str]:
        """Names it answers to."""
        ...

    def stream(self, request: ChatRequest) -> AsyncIterator[ChatChunk]:
        """The events of an answer, the last of them with ``finish_reason``; usage comes with or after it.

        Closing the iterator aborts the answer.

        Raises:
            CodeMuseError: The provider failed, before or after its first event.
        """
        ...

"""Answering chat requests."""

import time
import uuid
from collections.abc import AsyncIterator

from codemuse.contracts.llm import AssistantMessage, ChatChunk, ChatReply, ChatRequest, Choice, Usage
from codemuse.errors import InvalidInput
from llm_server.core.registry import ModelRegistry


class ChatService:
    """Finds the provider of a request and has it answer."""

    def __init__(self, registry: ModelRegistry) -> None:
        self._registry = registry

    async def open_stream(self, request: ChatRequest) -> AsyncIterator[ChatChunk]:
        """The events of an answer; failures before the first event are raised here, with their proper status.

        Raises:
            CodeMuseError: No provider answers, the model is unknown or the request is refused.
        """
        if request.n is not None and request.n > 1:
            raise InvalidInput("Only one answer at a time: leave 'n' at 1.", code="unsupported_value", param="n")
        events = self._registry.get(request.model).stream(request)
        first = await anext(events, None)

        async def everything() -> AsyncIterator[ChatChunk]:
            if first is not None:
                yield first
            async for event in events:
                yield event

        return everything()

    async def complete(self, request: ChatRequest) -> ChatReply:
        """The whole answer at once."""
        pieces: list[str] = []
        model, finish_reason, usage = request.model, None, Usage()
        async for event in await self.open_stream(request):
            model, usage = event.model, event.usage or usage
            for choice in event.choices:
                pieces.append(choice.delta.content or "")
                finish_reason = choice.finish_reason or finish_reason
        message = AssistantMessage(content="".join(pieces))
        return ChatReply(
            id=f"chatcmpl-{uuid.uuid4().hex}",
            created=int(time.time()),
            model=model,
            choices=[Choice(message=message, finish_reason=finish_reason)],
            usage=usage,
        )

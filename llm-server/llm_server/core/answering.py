"""From a checked request to an answer: what all dialects share."""

import time
from contextlib import aclosing

from codemuse.request_context import remaining_seconds
from llm_server.core.calls import Call, Caller, Completion, Json
from llm_server.core.checking import check_chat
from llm_server.core.providers.provider import Events
from llm_server.core.registry.registry import Registry


class Answering:
    """Finds who answers, and has them answer in time.

    Args:
        registry: Who answers to which name.
        answer_seconds: Longest time for an answer; a caller may set a shorter one.
    """

    def __init__(self, registry: Registry, answer_seconds: float) -> None:
        self._registry = registry
        self._answer_seconds = answer_seconds

    def prepare(self, fields: Json, caller: Caller) -> Call:
        """The call for a chat request.

        Raises:
            InvalidRequest: It is none.
        """
        return self.prepare_unchecked(check_chat(fields), caller)

    def prepare_unchecked(self, fields: Json, caller: Caller) -> Call:
        """The call for fields that are known to be right."""
        given = remaining_seconds()
        seconds = self._answer_seconds if given is None else min(self._answer_seconds, given)
        return Call(fields, caller, deadline=time.monotonic() + seconds)

    async def complete(self, call: Call) -> Completion:
        """The whole answer.

        Raises:
            CodeMuseError: Nobody answers, or the caller may not ask.
        """
        return await self._registry.get(_asked_for(call), call.caller).complete(call)

    async def embed(self, call: Call) -> Completion:
        """Vectors.

        Raises:
            CodeMuseError: As for ``complete``.
        """
        return await self._registry.get(_asked_for(call), call.caller).embed(call)

    def count_tokens(self, call: Call) -> int:
        """About how many tokens the conversation has.

        Raises:
            NotFound: There is no such model.
        """
        return self._registry.get(_asked_for(call), call.caller).count_tokens(call)

    async def open_stream(self, call: Call) -> Events:
        """The events of an answer; what fails before the first is raised here, with its proper status.

        Raises:
            CodeMuseError: As for ``complete``.
        """
        events = self._registry.get(_asked_for(call), call.caller).stream(call)
        first = await anext(events, None)

        async def everything() -> Events:
            async with aclosing(events) as rest:
                if first is not None:
                    yield first
                async for group in rest:
                    yield group

        return everything()


def _asked_for(call: Call) -> str:
    return str(call.body.get("model") or "default")

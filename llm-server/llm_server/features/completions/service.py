"""One request with one or several prompts: each is a call of its own, with its own place in limits, budgets and usage."""

import asyncio
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass

from llm_server.core.answering import Answering
from llm_server.core.calls import Call, Caller, Event, Json, make_event
from llm_server.core.dialects.completions_door import (
    add_usage,
    chat_fields,
    echo_event,
    event_from,
    first_choice,
    read_prompts,
    reply_from,
)
from llm_server.core.providers.provider import Events
from llm_server.core.streams import wants_usage

_AT_ONCE = 4
"""Whole answers to the prompts of one request that are asked for together."""


@dataclass(frozen=True, slots=True)
class Batch:
    """The calls of a request, in the order of its prompts."""

    calls: Sequence[Call]
    echo: bool

    @property
    def is_streamed(self) -> bool:
        """Whether the caller reads along."""
        return bool(self.calls[0].body.get("stream"))

    @property
    def headers(self) -> dict[str, str]:
        """What the caller is told beside the answers; the last call knows best what is left of the limits."""
        return {name: value for call in self.calls for name, value in call.trace.headers.items()}


class CompletionService:
    """Goes on with texts.

    Args:
        door: Has calls answered.
    """

    def __init__(self, door: Answering) -> None:
        self._door = door

    def prepare(self, body: Json, caller: Caller) -> Batch:
        """The calls for a request.

        Raises:
            InvalidRequest: It is none.
        """
        calls = [self._door.prepare(chat_fields(body, prompt), caller) for prompt in read_prompts(body)]
        return Batch(calls, echo=bool(body.get("echo")))

    async def complete(self, batch: Batch) -> Json:
        """The whole answers; when one fails, the others are given up.

        Raises:
            CodeMuseError: Nobody answers, or the caller may not ask.
        """
        places = asyncio.Semaphore(_AT_ONCE)

        async def answer(call: Call) -> Json:
            async with places:
                return (await self._door.complete(call)).fields

        answering = [asyncio.ensure_future(answer(call)) for call in batch.calls]
        try:
            completions = await asyncio.gather(*answering)
        finally:
            for one in answering:
                one.cancel()
        return reply_from(completions, batch.calls, echo=batch.echo)

    async def open_stream(self, batch: Batch) -> Events:
        """The events of the answers, one prompt after the other, in completions' shape; usage is told once, at the end.

        Raises:
            CodeMuseError: As for ``complete``, of the first prompt; what happens to the others ends the stream.
        """
        return self._follow(batch, await self._door.open_stream(batch.calls[0]))

    async def _follow(self, batch: Batch, begun: Events) -> Events:
        spent: list[Json | None] = []
        last: Json = {}
        for position, call in enumerate(batch.calls):
            first, told = first_choice(batch.calls, position), None
            if batch.echo:
                yield [self._written(echo_event(call), batch, first)]
            async with aclosing(begun if position == 0 else await self._door.open_stream(call)) as groups:
                async for group in groups:
                    for event in group:
                        last, told = event.fields, event.fields.get("usage") or told
                    if shown := [self._written(event, batch, first) for event in group if not event.is_usage_only]:
                        yield shown
            spent.append(told)
        if wants_usage(batch.calls[0]) and (usage := add_usage(spent)):
            end = event_from(make_event(last | {"choices": []}), batch.calls[0].id)
            yield [make_event(end | {"usage": usage})]

    @staticmethod
    def _written(event: Event, batch: Batch, first: int) -> Event:
        return make_event(event_from(event, batch.calls[0].id, first))

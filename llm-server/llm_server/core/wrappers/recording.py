"""Recording: prompts and answers are handed to the log of organisations that keep one; for all others this does nothing."""

from contextlib import aclosing

import orjson

from codemuse.errors import CodeMuseError
from llm_server.core.calls import Call, Completion, Event, Json, message_text
from llm_server.core.providers.provider import Events, Provider, Wrapper
from llm_server.core.recording.recorder import Recorder
from llm_server.core.wrappers.measure import CANCELLED


class RecordingProvider(Wrapper):
    """Hands over what was asked and what was answered, however it ended."""

    def __init__(self, inner: Provider, recorder: Recorder) -> None:
        super().__init__(inner)
        self._recorder = recorder

    async def complete(self, call: Call) -> Completion:
        """Answer, and record."""
        if not self._recorder.wants(call.caller.organisation):
            return await self._inner.complete(call)
        answer, outcome = "", CANCELLED
        try:
            completion = await self._inner.complete(call)
            answer, outcome = _said(completion.fields), "ok"
        except CodeMuseError as error:
            outcome = error.public_code
            raise
        finally:
            self._recorder.record(call, answer, outcome)
        return completion

    async def stream(self, call: Call) -> Events:
        """Pass events on, and record."""
        wanted = self._recorder.wants(call.caller.organisation)
        pieces: list[str] = []
        outcome = CANCELLED
        try:
            async with aclosing(self._inner.stream(call)) as groups:
                async for events in groups:
                    if wanted:
                        pieces += [_piece(event) for event in events]
                    yield events
            outcome = "ok"
        except CodeMuseError as error:
            outcome = error.public_code
            raise
        finally:
            if wanted:
                self._recorder.record(call, "".join(pieces), outcome)


def _said(fields: Json) -> str:
    """All answers in one text."""
    messages = [choice.get("message") or {} for choice in fields.get("choices") or ()]
    return "\n\n".join(
        message_text(message) + (orjson.dumps(calls).decode() if (calls := message.get("tool_calls")) else "")
        for message in messages
    )


def _piece(event: Event) -> str:
    """What is new: words, or a part of a tool call."""
    calls = event.delta.get("tool_calls") or ()
    functions = [call.get("function") or {} for call in calls if isinstance(call, dict)]
    return event.text + "".join(f"{one.get('name') or ''}{one.get('arguments') or ''}" for one in functions)

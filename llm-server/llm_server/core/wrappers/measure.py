"""Measuring: what each upstream call took, in tokens, time and money."""

import time
from contextlib import aclosing

from llm_server.core.calls import Attempt, Call, Completion, Event, Json, Tokens, message_text
from llm_server.core.errors import ModelError
from llm_server.core.model import Model
from llm_server.core.providers.provider import Events, Provider, Wrapper
from llm_server.core.tokens import TokenCounter

CANCELLED = "cancelled"


class MeasuringProvider(Wrapper):
    """Writes an ``Attempt`` into the trace of the call, however the call ends: also when the caller leaves."""

    def __init__(self, inner: Provider, model: Model) -> None:
        super().__init__(inner)
        self._model = model
        self._output = TokenCounter(model.upstream_name)

    async def complete(self, call: Call) -> Completion:
        """Answer and measure."""
        attempt = self._begin(call)
        started = time.perf_counter()
        try:
            completion = await self._inner.complete(call)
            attempt.outcome = "ok"
            attempt.tokens = read_usage(completion.fields) or self._estimate(call, _texts(completion.fields))
        except ModelError as error:
            attempt.outcome = error.public_code
            raise
        finally:
            self._end(attempt, started)
        return completion

    async def embed(self, call: Call) -> Completion:
        """Embed and measure."""
        attempt = self._begin(call)
        started = time.perf_counter()
        try:
            completion = await self._inner.embed(call)
            attempt.outcome = "ok"
            attempt.tokens = read_usage(completion.fields) or Tokens()
        except ModelError as error:
            attempt.outcome = error.public_code
            raise
        finally:
            self._end(attempt, started)
        return completion

    async def stream(self, call: Call) -> Events:
        """Pass events on and measure; without usage from the upstream, tokens are estimated from what was written."""
        attempt = self._begin(call)
        started = time.perf_counter()
        said: list[str] = []
        told: Tokens | None = None
        try:
            async with aclosing(self._inner.stream(call)) as groups:
                async for events in groups:
                    if attempt.first_token_seconds is None and any(map(_says_something, events)):
                        attempt.first_token_seconds = time.perf_counter() - started
                    for event in events:
                        said += _pieces(event)
                        if event.fields.get("usage"):
                            told = read_usage(event.fields) or told
                    yield events
            attempt.outcome = "ok"
        except ModelError as error:
            attempt.outcome = error.public_code
            raise
        finally:
            if told is not None:
                attempt.tokens = told
            elif attempt.first_token_seconds is not None:
                attempt.tokens = self._estimate(call, said)
            self._end(attempt, started)

    def _begin(self, call: Call) -> Attempt:
        attempt = Attempt(self._model.name, outcome=CANCELLED)
        call.trace.attempts.append(attempt)
        return attempt

    def _end(self, attempt: Attempt, started: float) -> None:
        attempt.seconds = time.perf_counter() - started
        attempt.cost = self._model.price.cost(attempt.tokens)

    def _estimate(self, call: Call, said: list[str]) -> Tokens:
        return Tokens(self.count_tokens(call), self._output.count_text("".join(said)), estimated=True)


def read_usage(fields: Json) -> Tokens | None:
    """Tokens as the upstream tells them; ``None`` if it does not, or tells nonsense."""
    usage = fields.get("usage")
    if not isinstance(usage, dict):
        return None
    prompt, completion = usage.get("prompt_tokens"), usage.get("completion_tokens", 0)
    if not isinstance(prompt, int) or not isinstance(completion, int) or prompt < 0 or completion < 0:
        return None
    details = usage.get("prompt_tokens_details")
    cached = details.get("cached_tokens") if isinstance(details, dict) else 0
    return Tokens(prompt, completion, cached if isinstance(cached, int) else 0)


def _says_something(event: Event) -> bool:
    delta = event.delta
    return bool(delta.get("content") or delta.get("tool_calls") or delta.get("reasoning_content"))


def _pieces(event: Event) -> list[str]:
    pieces = []
    for choice in event.fields.get("choices") or ():
        delta = choice.get("delta") or {}
        pieces += [message_text(delta), str(delta.get("reasoning_content") or "")]
        if delta.get("tool_calls"):
            pieces.append(str(delta["tool_calls"]))
    return pieces


def _texts(fields: Json) -> list[str]:
    return [str((choice.get("message") or {}).get("content") or "") for choice in fields.get("choices") or ()]

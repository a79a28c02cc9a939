"""Fallback: several models as one. The next one answers when one fails, and goes on when one fails in mid-answer."""

from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass, field

from codemuse.logging import get_logger
from llm_server.core.calls import Call, Completion, Event, make_event
from llm_server.core.errors import CapabilityMissing, ContentRefused, ContextExceeded, KeyRefused, ModelError
from llm_server.core.metrics import FALLBACKS, KEYS_REFUSED, SWITCHES
from llm_server.core.model import Kind, Model
from llm_server.core.providers.provider import Events, Provider
from llm_server.core.wrappers.continuation import Seam, continue_call

_log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Target:
    """A model of a chain."""

    model: Model
    provider: Provider


class FallbackProvider:
    """A chain of models.

    Args:
        chain: The models, the preferred one first.
        refused_content_elsewhere: Whether content that one model will not answer is shown to the next.
    """

    def __init__(self, chain: Sequence[Target], *, refused_content_elsewhere: bool = False) -> None:
        self._chain = chain
        self._refused_content_elsewhere = refused_content_elsewhere

    async def complete(self, call: Call) -> Completion:
        """The answer of the first model that gives one."""
        failures = _Failures(self._refused_content_elsewhere)
        for target in self._chain:
            if failures.rule_out(target.model):
                continue
            try:
                return await target.provider.complete(call)
            except ModelError as error:
                failures.add(target.model, error, call)
        raise failures.verdict()

    async def stream(self, call: Call) -> Events:
        """Events of the first model that begins, and of those that go on after it where one breaks off."""
        failures = _Failures(self._refused_content_elsewhere)
        said = _Said(can_go_on=int(call.body.get("n") or 1) == 1)
        for target in self._chain:
            if failures.rule_out(target.model) or not said.may_be_continued_by(target.model):
                continue
            seam = self._seam(said, target.model, call)
            asked = call
            if seam is not None:
                asked = continue_call(call, said.text, target.model, target.provider.count_tokens(_as_call(said.text)))
            try:
                async with aclosing(target.provider.stream(asked)) as groups:
                    async for events in groups:
                        joined = events if seam is None else _with_whole_usage(seam.join(events), call)
                        said.take(joined)
                        if joined:
                            yield joined
            except ModelError as error:
                if said.finished:
                    return
                failures.add(target.model, error, call)
            else:
                return
        raise failures.verdict()

    async def embed(self, call: Call) -> Completion:
        """Vectors of the first model; those of another would not be comparable."""
        return await self._chain[0].provider.embed(call)

    async def models(self, call: Call) -> Sequence[str]:
        """What the first model's server lists."""
        return await self._chain[0].provider.models(call)

    def count_tokens(self, call: Call) -> int:
        """As the first model counts."""
        return self._chain[0].provider.count_tokens(call)

    def _seam(self, said: "_Said", model: Model, call: Call) -> Seam | None:
        if not said.text:
            return None
        call.trace.switched += 1
        SWITCHES.labels(model.name).inc()
        return Seam(said.text, prefilled=model.can_prefill)


@dataclass(slots=True)
class _Said:
    """What the caller has been given of an answer."""

    can_go_on: bool
    """Whether another model could go on: not with several answers at once, and not inside a tool call."""
    finished: bool = False
    pieces: list[str] = field(default_factory=list)
    in_tool_call: bool = False

    @property
    def text(self) -> str:
        return "".join(self.pieces)

    def take(self, events: list[Event]) -> None:
        for event in events:
            if event.text:
                self.pieces.append(event.text)
            self.in_tool_call = self.in_tool_call or bool(event.delta.get("tool_calls"))
            self.finished = self.finished or event.finish_reason is not None

    def may_be_continued_by(self, model: Model) -> bool:
        if not self.pieces and not self.in_tool_call:
            return True
        return self.can_go_on and not self.in_tool_call and model.kind is not Kind.EXTRACTIVE


@dataclass(slots=True)
class _Failures:
    """What failed so far, and what that means for the models that are left."""

    refused_content_elsewhere: bool
    errors: list[ModelError] = field(default_factory=list)
    too_small: int = 0
    hopeless: bool = False

    def add(self, model: Model, error: ModelError, call: Call) -> None:
        """Take note of a failure."""
        self.errors.append(error)
        call.trace.failed.append(model.name)
        if isinstance(error, ContextExceeded):
            self.too_small = max(self.too_small, model.context_tokens or 0)
        if not error.elsewhere or (isinstance(error, ContentRefused) and not self.refused_content_elsewhere):
            self.hopeless = True
        FALLBACKS.labels(model.name, error.public_code).inc()
        if isinstance(error, KeyRefused):
            KEYS_REFUSED.labels(model.name).inc()
            _log.error("the key of a model is refused", model=model.name, reason=error.message)
        else:
            _log.warning("model failed", model=model.name, code=error.public_code, reason=error.message)

    def rule_out(self, model: Model) -> bool:
        """Whether a model need not be asked."""
        smaller = bool(self.too_small) and model.context_tokens is not None and model.context_tokens <= self.too_small
        return self.hopeless or smaller

    def verdict(self) -> ModelError:
        """What the caller is told: the last failure that says more than that a model is not made for the request."""
        telling = [error for error in self.errors if not isinstance(error, CapabilityMissing)]
        return (telling or self.errors)[-1]


def _as_call(text: str) -> Call:
    return Call({"messages": [{"role": "assistant", "content": text}]})


def _with_whole_usage(events: list[Event], call: Call) -> list[Event]:
    """Usage of a continued answer is that of all its parts."""
    if not any(event.fields.get("usage") for event in events):
        return events
    earlier = [attempt.tokens for attempt in call.trace.attempts[:-1]]
    prompt, completion = sum(tokens.prompt for tokens in earlier), sum(tokens.completion for tokens in earlier)
    whole = []
    for event in events:
        usage = event.fields.get("usage")
        if isinstance(usage, dict):
            read, written = usage.get("prompt_tokens", 0) + prompt, usage.get("completion_tokens", 0) + completion
            counts = {"prompt_tokens": read, "completion_tokens": written, "total_tokens": read + written}
            event = make_event(event.fields | {"usage": {**usage, **counts}})  # noqa: PLW2901 - replaced in the list
        whole.append(event)
    return whole

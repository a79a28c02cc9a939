"""What travels between callers and providers: the call, its answer whole or in events, and the record of how it went.

The inner language is OpenAI's chat completions, as plain JSON objects: most upstreams speak it, and what is not touched
is passed on untouched.
"""

import time
import uuid
from dataclasses import dataclass, field, replace
from typing import Any

import orjson

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Caller:
    """On whose behalf a call is made; the services that hold the service token say so in trusted headers."""

    organisation: str = "default"
    user: str = ""
    role: str = "service"
    key: str = ""
    run: str = ""
    session: str = ""

    @property
    def is_admin(self) -> bool:
        """Whether they may change what everybody uses."""
        return self.role in {"admin", "service"}


@dataclass(slots=True)
class Tokens:
    """Tokens of an upstream call; ``estimated`` when the upstream did not say."""

    prompt: int = 0
    completion: int = 0
    cached: int = 0
    estimated: bool = False


@dataclass(slots=True)
class Attempt:
    """One upstream call. Times in seconds, cost in millionths of the currency of the prices."""

    model: str
    tokens: Tokens = field(default_factory=Tokens)
    outcome: str = "ok"
    seconds: float = 0.0
    first_token_seconds: float | None = None
    cost: int = 0


@dataclass(slots=True)
class Trace:
    """How a call went, written down by whoever handles it."""

    attempts: list[Attempt] = field(default_factory=list)
    cache: str = ""
    """``exact`` or ``similar`` when an earlier answer was given again."""
    cached_model: str = ""
    """The model that gave the earlier answer."""
    failed: list[str] = field(default_factory=list)
    """Models that were to answer before the one that did."""
    switched: int = 0
    """How often another model went on with an answer that had begun."""
    headers: dict[str, str] = field(default_factory=dict)
    """What the caller is told beside the answer."""


@dataclass(slots=True)
class Call:
    """One request on its way. ``body`` holds the fields of a chat completion as the caller sent them, checked."""

    body: Json
    caller: Caller = field(default_factory=Caller)
    id: str = field(default_factory=lambda: uuid.uuid4().hex)
    deadline: float = field(default_factory=lambda: time.monotonic() + 600.0)
    """On the monotonic clock; nobody waits longer."""
    trace: Trace = field(default_factory=Trace)

    @property
    def messages(self) -> list[Json]:
        """The conversation."""
        messages: list[Json] = self.body["messages"]
        return messages

    @property
    def output_limit(self) -> int | None:
        """Most tokens that the caller wants written."""
        limit: int | None = self.body.get("max_completion_tokens") or self.body.get("max_tokens")
        return limit

    def remaining_seconds(self) -> float:
        """Seconds until the deadline, at least zero."""
        return max(0.0, self.deadline - time.monotonic())

    def with_body(self, **changes: Any) -> "Call":
        """The same call asking something else; ``None`` takes a field away, the trace is shared."""
        body = {key: value for key, value in {**self.body, **changes}.items() if value is not None}
        return replace(self, body=body)


@dataclass(frozen=True, slots=True)
class Completion:
    """A whole answer: the upstream's own bytes, and what they say."""

    data: bytes
    fields: Json


@dataclass(frozen=True, slots=True)
class Event:
    """One event of a stream: the upstream's own bytes, and what they say."""

    data: bytes
    fields: Json

    @property
    def delta(self) -> Json:
        """What is new in the first choice."""
        choices = self.fields.get("choices")
        return (choices[0].get("delta") or {}) if choices else {}

    @property
    def text(self) -> str:
        """The text that is new in the first choice."""
        content = self.delta.get("content") or ""
        return content if isinstance(content, str) else message_text(self.delta)

    @property
    def finish_reason(self) -> str | None:
        """Why the answer ends here, if it does."""
        choices = self.fields.get("choices")
        reason: str | None = choices[0].get("finish_reason") if choices else None
        return reason

    @property
    def is_usage_only(self) -> bool:
        """Whether it tells tokens and nothing else."""
        return not self.fields.get("choices") and bool(self.fields.get("usage"))


def make_event(fields: Json) -> Event:
    """An event of our own making."""
    return Event(orjson.dumps(fields), fields)


def make_completion(fields: Json) -> Completion:
    """A whole answer of our own making."""
    return Completion(orjson.dumps(fields), fields)


def events_of(completion: Json) -> list[Event]:
    """A whole answer as the events that a stream would have had."""
    head = {**{key: completion.get(key) for key in ("id", "created", "model")}, "object": "chat.completion.chunk"}
    events: list[Event] = []
    for choice in completion["choices"]:
        message: Json = choice.get("message") or {}
        delta: Json = {"role": "assistant"}
        if message.get("content") is not None:
            delta["content"] = message["content"]
        if message.get("tool_calls"):
            delta["tool_calls"] = [{"index": index, **call} for index, call in enumerate(message["tool_calls"])]
        index, reason = choice.get("index", 0), choice.get("finish_reason") or "stop"
        events.append(make_event({**head, "choices": [{"index": index, "delta": delta, "finish_reason": None}]}))
        events.append(make_event({**head, "choices": [{"index": index, "delta": {}, "finish_reason": reason}]}))
    usage = completion.get("usage")
    return [*events, make_event({**head, "choices": [], "usage": usage})] if usage else events


def message_text(message: Json) -> str:
    """The textual content of a message, parts joined."""
    content = message.get("content")
    if isinstance(content, list):
        return "".join(str(part.get("text") or "") for part in content if isinstance(part, dict))
    return content or ""

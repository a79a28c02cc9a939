"""Going on with an answer that another model began.

The caller has already read the beginning, so the seam must neither repeat words nor lose any. A model that can go on
with an assistant message (prefill) is given the text as its own. Others are told to begin with the last word, which may
be cut: that word comes twice, in part or whole, and the repetition is taken away.
"""

from llm_server.core.calls import Call, Event, Json, make_event
from llm_server.core.model import Kind, Model

_GO_ON = (
    "Your answer above was cut off. Go on with it from where it stops, in the same language and format. Do not repeat, "
    "greet, apologise or comment. {begin}"
)
_FROM_WORD = "Begin with its last word, which may be incomplete: write that word again, whole. The word so far: {word}"
_PREFILL_REPETITION = 12
"""A prefilled model repeats nothing; so much, in characters, is no coincidence."""
_LONGEST_WORD = 60
_OPENING = frozenset("([{<'\"`/\\@#$_-")


def continue_call(call: Call, said: str, model: Model, written_tokens: int) -> Call:
    """The call that asks ``model`` to go on after ``said``."""
    limits = {
        name: max(1, call.body[name] - written_tokens)
        for name in ("max_tokens", "max_completion_tokens")
        if call.body.get(name)
    }
    begun = {"role": "assistant", "content": said.rstrip() if model.can_prefill else said}
    messages = [*call.messages, begun]
    if not model.can_prefill:
        return call.with_body(messages=[*messages, {"role": "user", "content": _instruction(said)}], **limits)
    if model.kind is Kind.ANTHROPIC:
        return call.with_body(messages=messages, **limits)
    # vLLM's words for "this message is not finished"; other servers take an assistant message at the end as unfinished.
    return call.with_body(messages=messages, continue_final_message=True, add_generation_prompt=False, **limits)


class Seam:
    """Joins the events of a second model to what a first one said.

    Args:
        said: What the caller has read.
        prefilled: Whether the second model was given the text as its own.
    """

    def __init__(self, said: str, *, prefilled: bool) -> None:
        self._said = said
        self._prefilled = prefilled
        self._held = ""
        self._joined = False

    def join(self, events: list[Event]) -> list[Event]:
        """The events that may be passed on; text is held back while it could still be a repetition."""
        return events if self._joined else [kept for event in events for kept in self._take(event)]

    def _take(self, event: Event) -> list[Event]:
        if self._joined:
            return [event]
        self._held += event.text
        ends = event.finish_reason is not None or event.is_usage_only
        if not self._held.strip() or (self._held.lstrip() in self._said and not ends):
            return [event] if ends else []
        text, self._held, self._joined = self._without_repetition(self._held), "", True
        return [_with_text(event, text)]

    def _without_repetition(self, text: str) -> str:
        for begun in (text, text.lstrip()):
            length = _overlap(self._said, begun)
            if length and (not self._prefilled or length >= _PREFILL_REPETITION):
                return begun[length:]
        if self._said[-1:].isspace() or self._said == "":
            return text.lstrip(" ") if self._said[-1:] == " " else text
        if self._prefilled or not text[:1].isalnum() or self._said[-1] in _OPENING:
            return text
        return f" {text}"


def _instruction(said: str) -> str:
    word = "" if said[-1:].isspace() else said.rsplit(maxsplit=1)[-1][-_LONGEST_WORD:]
    return _GO_ON.format(begin=_FROM_WORD.format(word=word) if word else "Begin with the very next word.")


def _overlap(said: str, text: str) -> int:
    """Length of the longest beginning of ``text`` that ``said`` ends with, from a word's beginning on."""
    for length in range(min(len(said), len(text)), 0, -1):
        start = len(said) - length
        at_word = start == 0 or said[start - 1].isspace() or start <= len(said) - _LONGEST_WORD
        if at_word and said.endswith(text[:length]):
            return length
    return 0


def _with_text(event: Event, text: str) -> Event:
    fields: Json = {**event.fields}
    choice: Json = fields["choices"][0] if fields.get("choices") else {"index": 0, "finish_reason": None}
    delta: Json = choice.get("delta") or {}
    fields["choices"] = [{**choice, "delta": {**delta, "content": text}}]
    return make_event(fields)

"""Making a conversation fit: the oldest turns give way to a few words on what was said in them.

Kept are what the model is told to be (system messages), the last message, and as many of the newest turns as there is room
for. A tool's result never stays without the call that it answers. What gives way is summarised by a model where one plays
that role, and else told by the beginnings of its messages.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from llm_server.core.calls import Json, message_text

Count = Callable[[Sequence[Json]], int]

_NOTE_SHARE = 0.15
_LINE_CHARACTERS = 240
_SHORTENED = "Earlier in this conversation, shortened to make room:"
_SUMMARISED = "Summary of what was said earlier in this conversation:"
_INSTRUCTING = frozenset({"system", "developer"})


@dataclass(frozen=True, slots=True)
class Cut:
    """A conversation that was cut to fit."""

    instructions: list[Json]
    dropped: list[Json]
    kept: list[Json]
    note_room: int
    """Tokens that what is said of the dropped messages may have."""

    def join(self, note: Json | None) -> list[Json]:
        """The conversation that is left, with what is said of the rest."""
        return [*self.instructions, *([note] if note else []), *self.kept]


def cut(messages: Sequence[Json], room: int, count: Count) -> Cut | None:
    """Cut a conversation to ``room`` tokens; ``None`` if even the last message does not fit.

    Args:
        messages: The whole conversation.
        room: Tokens that it may have.
        count: Counts the tokens of messages.
    """
    instructions = [message for message in messages if message["role"] in _INSTRUCTING]
    turns = _turns([message for message in messages if message["role"] not in _INSTRUCTING])
    note_room = int(room * _NOTE_SHARE)
    left = room - count(instructions) - note_room
    kept: list[list[Json]] = []
    for turn in reversed(turns):
        size = count(turn)
        if size > left:
            break
        kept.insert(0, turn)
        left -= size
    if not kept:
        return None
    dropped = [message for turn in turns[: len(turns) - len(kept)] for message in turn]
    return Cut(instructions, dropped, [message for turn in kept for message in turn], note_room)


def summary_note(summary: str, room: int, count: Count) -> Json | None:
    """A model's summary as a message, if it kept to its room."""
    note = {"role": "system", "content": f"{_SUMMARISED}\n{summary}"}
    return note if summary and count([note]) <= room else None


def beginnings_note(dropped: Sequence[Json], room: int, count: Count) -> Json | None:
    """The beginning of each message that was dropped, the newest first to get a place."""
    lines: list[str] = []
    longest = min(_LINE_CHARACTERS, max(40, room))
    for message in reversed(dropped):
        text = " ".join(message_text(message).split())
        if not text or message["role"] == "tool":
            continue
        line = f"- {message['role']}: {text[:longest]}{'…' if len(text) > longest else ''}"
        if count([_as_message([line, *lines])]) > room:
            break
        lines.insert(0, line)
    return _as_message(lines) if lines else None


def _turns(messages: Sequence[Json]) -> list[list[Json]]:
    """Messages that only make sense together: a call of tools and its results are one turn."""
    turns: list[list[Json]] = []
    for message in messages:
        if message["role"] == "tool" and turns:
            turns[-1].append(message)
        else:
            turns.append([message])
    return turns


def _as_message(lines: Sequence[str]) -> Json:
    return {"role": "system", "content": "\n".join([_SHORTENED, *lines])}

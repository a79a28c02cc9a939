"""Making a conversation fit: the oldest turns give way to a digest of what was said in them.

Kept are what the model is told to be (system messages), the last message, and as many of the newest turns as there is room
for. A tool's result never stays without the call that it answers.
"""

from collections.abc import Callable, Sequence

from llm_server.core.calls import Json, message_text

Count = Callable[[Sequence[Json]], int]

_DIGEST_SHARE = 0.15
_LINE_CHARACTERS = 240
_HEAD = "Earlier in this conversation, shortened to make room:"
_INSTRUCTING = frozenset({"system", "developer"})


def pack(messages: Sequence[Json], room: int, count: Count) -> list[Json] | None:
    """The conversation within ``room`` tokens; ``None`` if even the last message does not fit.

    Args:
        messages: The whole conversation.
        room: Tokens that it may have.
        count: Counts the tokens of messages.
    """
    told = [message for message in messages if message["role"] in _INSTRUCTING]
    turns = _turns([message for message in messages if message["role"] not in _INSTRUCTING])
    digest_room = int(room * _DIGEST_SHARE)
    left = room - count(told) - digest_room
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
    digest = _digest(dropped, digest_room, count)
    return [*told, *([digest] if digest else []), *(message for turn in kept for message in turn)]


def _turns(messages: Sequence[Json]) -> list[list[Json]]:
    """Messages that only make sense together: a call of tools and its results are one turn."""
    turns: list[list[Json]] = []
    for message in messages:
        if message["role"] == "tool" and turns:
            turns[-1].append(message)
        else:
            turns.append([message])
    return turns


def _digest(dropped: Sequence[Json], room: int, count: Count) -> Json | None:
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


def _as_message(lines: Sequence[str]) -> Json:
    return {"role": "system", "content": "\n".join([_HEAD, *lines])}

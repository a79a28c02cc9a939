"""What of a conversation stays when there is not room for all of it."""

from hypothesis import given
from hypothesis import strategies as st

from llm_server.core.packing import beginnings_note, cut, summary_note
from llm_server.core.tokens import TokenCounter

COUNTER = TokenCounter("some")
count = COUNTER.count_messages
SYSTEM = {"role": "system", "content": "Answer briefly."}


def pack(messages: list[dict], room: int, summary: str = "") -> list[dict] | None:
    parts = cut(messages, room, count)
    if parts is None:
        return None
    note = summary_note(summary, parts.note_room, count)
    return parts.join(note or beginnings_note(parts.dropped, parts.note_room, count))


def talk(turns: int, words: int = 40) -> list[dict]:
    said = [
        ("user", f"question {n} " + "why " * words, "assistant", f"answer {n} " + "so " * words) for n in range(turns)
    ]
    return [{"role": role, "content": text} for one in said for role, text in (one[:2], one[2:])]


def test_the_newest_turns_stay_and_the_others_are_told_in_short() -> None:
    conversation = [SYSTEM, *talk(20), {"role": "user", "content": "and now?"}]
    packed = pack(conversation, 400)
    assert packed[0] == SYSTEM
    assert packed[-1]["content"] == "and now?"
    assert packed[1]["role"] == "system"
    assert "user: question 16" in packed[1]["content"]
    assert packed[2]["content"].startswith("answer 16")
    assert count(packed) <= 400


def test_a_tools_result_stays_with_its_call() -> None:
    call = {
        "role": "assistant",
        "content": None,
        "tool_calls": [{"id": "1", "function": {"name": "f", "arguments": "{}"}}],
    }
    result = {"role": "tool", "tool_call_id": "1", "content": "found " * 60}
    for room in range(60, 400, 7):
        packed = pack([*talk(3), call, result, {"role": "user", "content": "well?"}], room) or []
        assert (call in packed) == (result in packed)


def test_a_last_message_that_is_too_long_is_not_cut() -> None:
    assert pack([{"role": "user", "content": "long " * 5000}], 500) is None


@given(turns=st.integers(0, 30), words=st.integers(0, 200), room=st.integers(1, 3000))
def test_what_is_packed_fits(turns: int, words: int, room: int) -> None:
    packed = pack([SYSTEM, *talk(turns, words), {"role": "user", "content": "now"}], room)
    assert packed is None or count(packed) <= room


def test_a_summary_stands_for_what_was_dropped_unless_it_is_too_long() -> None:
    conversation = [SYSTEM, *talk(20), {"role": "user", "content": "and now?"}]
    assert pack(conversation, 400, "They asked about leases.")[1]["content"].endswith("They asked about leases.")
    assert "user: question 16" in pack(conversation, 400, "word " * 400)[1]["content"]

"""Bodies that are no requests: each door refuses them in words, whatever is wrong and wherever."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codemuse.errors import CodeMuseError
from llm_server.core.calls import Call, Json
from llm_server.core.checking import check_chat
from llm_server.core.dialects import (
    anthropic_upstream,
    completions_door,
    messages_door,
    responses_door,
    responses_upstream,
)
from llm_server.core.tokens import TokenCounter

PNG = "data:image/png;base64,AAAA"
TOOL = {"name": "look", "description": "Looks.", "parameters": {"type": "object", "properties": {}}}
CALL = {"id": "1", "type": "function", "function": {"name": "look", "arguments": "{}"}}
COMMON = {"model": "default", "temperature": 0.5, "top_p": 0.5, "stream": False}
CHAT: Json = {
    **COMMON,
    "messages": [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": [{"type": "text", "text": "Hi"}, {"type": "image_url", "image_url": {"url": PNG}}]},
        {"role": "assistant", "content": None, "tool_calls": [CALL]},
        {"role": "tool", "tool_call_id": "1", "content": "seen"},
    ],
    "n": 1,
    "max_tokens": 5,
    "stop": ["end"],
    "tools": [{"type": "function", "function": TOOL}],
    "tool_choice": {"type": "function", "function": {"name": "look"}},
    "response_format": {"type": "json_schema", "json_schema": {"name": "x", "schema": {"type": "object"}}},
}
MESSAGES: Json = {
    **COMMON,
    "system": [{"type": "text", "text": "Be brief."}],
    "max_tokens": 5,
    "messages": [
        {
            "role": "user",
            "content": [
                {"type": "text", "text": "Hi"},
                {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "AAAA"}},
                {"type": "tool_result", "tool_use_id": "1", "content": [{"type": "text", "text": "seen"}]},
            ],
        },
        {"role": "assistant", "content": [{"type": "tool_use", "id": "1", "name": "look", "input": {}}]},
    ],
    "stop_sequences": ["end"],
    "tools": [{"name": "look", "description": "Looks.", "input_schema": {"type": "object"}}],
    "tool_choice": {"type": "tool", "name": "look"},
}
RESPONSES: Json = {
    **COMMON,
    "instructions": "Be brief.",
    "input": [
        {"role": "user", "content": [{"type": "input_text", "text": "Hi"}, {"type": "input_image", "image_url": PNG}]},
        {"type": "function_call", "call_id": "1", "name": "look", "arguments": "{}"},
        {"type": "function_call_output", "call_id": "1", "output": [{"type": "input_text", "text": "seen"}]},
    ],
    "max_output_tokens": 5,
    "tools": [{"type": "function", **TOOL}],
    "tool_choice": {"type": "function", "name": "look"},
    "text": {"format": {"type": "json_schema", "name": "x", "schema": {"type": "object"}}},
    "reasoning": {"effort": "low"},
}
COMPLETIONS: Json = {**COMMON, "prompt": ["one", "two"], "n": 1, "max_tokens": 5, "echo": True, "stop": "end"}
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-5, 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["type", "name", "x"]), inner, max_size=2)
    ),
    max_leaves=4,
)


def complete(body: Json) -> list[Json]:
    return [completions_door.chat_fields(body, prompt) for prompt in completions_door.read_prompts(body)]


DOORS: dict[str, tuple[Callable[[Json], list[Json]], Json]] = {
    "chat": (lambda body: [body], CHAT),
    "messages": (lambda body: [messages_door.chat_fields(body)], MESSAGES),
    "responses": (lambda body: [responses_door.chat_fields(body)], RESPONSES),
    "completions": (complete, COMPLETIONS),
}


def paths(node: Any, path: tuple = ()) -> Iterator[tuple]:
    if path:
        yield path
    for key, value in node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ():
        yield from paths(value, (*path, key))


def replaced(node: Any, path: tuple, value: Any) -> Any:
    if not path:
        return value
    head, *rest = path
    copy = dict(node) if isinstance(node, dict) else list(node)
    copy[head] = replaced(node[head], tuple(rest), value)
    return copy


def ask(door: str, body: Json) -> None:
    """All that reads a request before an upstream does."""
    read, _ = DOORS[door]
    for fields in read(body):
        call = Call(check_chat(fields))
        TokenCounter("gpt").count_messages(call.messages, call.body.get("tools"))
        assert call.output_limit is None or call.output_limit > 0
        for write in (anthropic_upstream.messages_request, responses_upstream.responses_request):
            try:
                write(call, "model", stream=False)
            except CodeMuseError as error:
                assert error.status == 400  # noqa: PT017 - of some requests nothing is wrong


@pytest.mark.parametrize("door", DOORS)
def test_a_proper_body_is_taken(door: str) -> None:
    ask(door, DOORS[door][1])


@pytest.mark.parametrize("door", DOORS)
@settings(max_examples=400, deadline=None)
@given(data=st.data())
def test_a_body_with_anything_anywhere_is_taken_or_refused(door: str, data: st.DataObject) -> None:
    body = DOORS[door][1]
    path = data.draw(st.sampled_from(sorted(paths(body), key=str)))
    try:
        ask(door, replaced(body, path, data.draw(JSON)))
    except CodeMuseError as error:
        assert 400 <= error.status < 500  # noqa: PT017 - either way is right


@pytest.mark.parametrize(
    ("door", "field", "value"),
    [
        ("messages", "messages", [{"role": "user", "content": 5}]),
        ("messages", "messages", [{"role": "user", "content": [{"type": "image", "source": "x"}]}]),
        ("responses", "tools", 1),
        ("responses", "text", "x"),
        ("responses", "reasoning", "x"),
        ("responses", "input", [{"type": "function_call_output", "output": ["x"]}]),
        ("chat", "response_format", {"type": "json_schema"}),
        ("chat", "tool_choice", {"type": "function"}),
        ("chat", "tool_choice", ["auto"]),
        ("chat", "top_p", "high"),
        ("chat", "max_tokens", "5"),
        ("chat", "messages", [{"role": "assistant", "tool_calls": ["x"]}]),
    ],
)
def test_what_is_wrong_is_named(door: str, field: str, value: object) -> None:
    with pytest.raises(CodeMuseError) as raised:
        ask(door, {**DOORS[door][1], field: value})
    assert raised.value.status == 400
    assert str(raised.value.details.get("param", "")).startswith(field)

"""What should never be asked, and what no upstream should answer: refused in the shape of each dialect, usage still right."""

import pytest

from codemuse.testing import eventually

FULL = " ".join(f"word{number}" for number in range(10))
REMOTE = "http://10.0.0.1/a.png"
LIMIT = {"chat": "max_tokens", "completions": "max_tokens", "responses": "max_output_tokens", "messages": "max_tokens"}
PATHS = {
    "chat": "/v1/chat/completions",
    "completions": "/v1/completions",
    "responses": "/v1/responses",
    "messages": "/v1/messages",
}
DIALECTS = tuple(PATHS)
TALKING = ("chat", "responses", "messages")


def body_of(dialect: str, text: str = "Hello", *, model: str = "strict", **fields) -> dict:
    said = [{"role": "user", "content": text}]
    base = {
        "chat": {"messages": said},
        "completions": {"prompt": text},
        "responses": {"input": text},
        "messages": {"messages": said, "max_tokens": 50},
    }[dialect]
    return {"model": model, **base, **fields}


def tool_of(dialect: str, schema: object) -> dict:
    return {
        "chat": {"type": "function", "function": {"name": "look", "parameters": schema}},
        "responses": {"type": "function", "name": "look", "parameters": schema},
        "messages": {"name": "look", "input_schema": schema},
    }[dialect]


def image_of(dialect: str, url: str) -> list[dict]:
    return {
        "chat": [{"type": "image_url", "image_url": {"url": url}}],
        "responses": [{"type": "input_image", "image_url": url}],
        "messages": [{"type": "image", "source": {"type": "url", "url": url}}],
    }[dialect]


def told_by(dialect: str, reply: dict) -> str:
    """The message of an error, which must have the shape of its dialect."""
    error = reply["error"]
    if dialect == "messages":
        assert reply["type"] == "error"
        assert error["type"].endswith("_error"), error
    else:
        assert {"message", "type", "code"} <= error.keys(), error
    assert error["message"]
    return error["message"]


@pytest.fixture
async def strict(stage):
    await stage.declare(stage.model("strict", context_tokens=8000, max_output_tokens=4000))
    return stage


async def refuse(stage, dialect: str, status: int, *, headers: dict | None = None, **fields) -> str:
    for stream in (False, True):
        body = body_of(dialect, **{"stream": stream, **fields})
        reply = await stage.http.post(PATHS[dialect], json=body, headers=headers)
        assert reply.status_code == status, (dialect, stream, reply.text[:300])
        message = told_by(dialect, reply.json())
    assert stage.upstream.asked("strict") == []
    return message


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_what_cannot_be_asked_is_refused_in_the_dialects_own_shape(strict, dialect) -> None:
    assert "ghost" in await refuse(strict, dialect, 404, model="ghost")
    await refuse(strict, dialect, 401, headers={"Authorization": "Bearer wrong"})
    assert "too many" in await refuse(strict, dialect, 400, text="long " * 20_000)
    assert "at most 4000" in await refuse(strict, dialect, 400, **{LIMIT[dialect]: 10**9})
    assert rows_of(strict) == 0


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_half_a_body_is_refused_in_the_dialects_own_shape(strict, dialect) -> None:
    for raw in (b'{"model": "strict", "mess', b"[]", b"", b"\xff"):
        reply = await strict.http.post(PATHS[dialect], content=raw)
        assert reply.status_code == 400
        assert "JSON" in told_by(dialect, reply.json())


@pytest.mark.parametrize("dialect", ["chat", "completions"])
async def test_a_thousand_answers_are_refused(strict, dialect) -> None:
    await refuse(strict, dialect, 400, n=1000)


@pytest.mark.parametrize("dialect", TALKING)
async def test_tools_and_pictures_that_cannot_be_are_refused(strict, dialect) -> None:
    for schema in ({"type": "string"}, "all", [1]):
        await refuse(strict, dialect, 400, tools=[tool_of(dialect, schema)])
    await refuse(strict, dialect, 400, tools=["look"])
    conversation = [{"role": "user", "content": image_of(dialect, REMOTE)}]
    name = "input" if dialect == "responses" else "messages"
    assert "data URLs" in await refuse(strict, dialect, 400, **{name: conversation})


@pytest.mark.parametrize("dialect", TALKING)
async def test_an_empty_conversation_is_refused(strict, dialect) -> None:
    await refuse(strict, dialect, 400, **{"input" if dialect == "responses" else "messages": []})


JUNK = (
    None,
    0,
    -1,
    1.5,
    True,
    "x",
    "",
    [],
    [None],
    [1],
    ["x"],
    [[]],
    {},
    {"type": "x"},
    [{"type": "x"}],
    [{"role": 1}],
)
FIELDS = (
    *("model", "messages", "prompt", "input", "instructions", "system", "stream", "tools", "tool_choice", "text"),
    *("reasoning", "response_format", "max_tokens", "max_output_tokens", "temperature", "n", "stop", "stop_sequences"),
    *("truncation", "stream_options", "echo", "cache", "metadata", "top_p"),
)
PARTS = (
    "text",
    "image_url",
    "input_image",
    "image",
    "tool_use",
    "tool_result",
    "function_call",
    "function_call_output",
)


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_whatever_stands_in_a_field_it_is_answered_or_refused(strict, dialect) -> None:
    """Never with an error of ours."""
    bodies = [body_of(dialect) | {field: junk} for field in FIELDS for junk in JUNK]
    name = "input" if dialect == "responses" else "messages"
    for kind in PARTS:
        for junk in JUNK:
            part = {"type": kind, **dict.fromkeys(("text", "image_url", "source", "output", "content", "name"), junk)}
            bodies += [
                body_of(dialect) | {name: [{"role": "user", "content": [part]}]},
                body_of(dialect) | {name: [part]},
            ]
    failed = []
    for body in bodies:
        reply = await strict.http.post(PATHS[dialect], json=body)
        if reply.status_code >= 400:
            told_by(dialect, reply.json())
        failed += [body] if reply.status_code >= 500 else []
    assert failed == []


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("fault", ["html", "error200", "junk"])
async def test_an_upstream_that_answers_nonsense_is_a_502_in_the_dialects_own_shape(stage, dialect, fault) -> None:
    await stage.declare(stage.model(f"mad-{fault}-{dialect}?fault={fault}", "mad"))
    for stream in (False, True):
        reply = await stage.http.post(PATHS[dialect], json=body_of(dialect, model="mad", stream=stream))
        assert reply.status_code == 502, reply.text[:300]
        message = told_by(dialect, reply.json())
        assert ("quota of the day" in message) is (fault == "error200")
    rows = await stage.wait_for_rows(2)
    assert {(row["outcome"] == "ok", row["prompt_tokens"], row["completion_tokens"]) for row in rows} == {(False, 0, 0)}


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("fault", ["split", "nodone", "nofinal"])
async def test_events_in_pieces_and_missing_ends_leave_usage_right(stage, dialect, fault) -> None:
    await stage.declare(stage.model(f"odd-{fault}-{dialect}?fault={fault}", "odd"))
    reply = await stage.http.post(PATHS[dialect], json=body_of(dialect, model="odd", stream=True))
    assert reply.status_code == 200
    assert all(word in reply.text for word in FULL.split())
    row = (await stage.wait_for_rows(1))[0]
    assert row["is_estimated"] is (fault == "nofinal")
    assert row["outcome"] == "ok"
    assert row["completion_tokens"] >= 10


ODD_EVENTS = (
    *('"text"', "[]", "7", "null", '{"choices": [null]}', '{"choices": ["x"]}', '{"choices": [{"delta": "x"}]}'),
    *('{"choices": [{"delta": {"content": 5}}]}', '{"choices": [{"delta": {"tool_calls": "x"}}]}'),
    *('{"choices": {"a": 1}}', '{"choices": [{"delta": {"tool_calls": [null]}}]}'),
)


@pytest.mark.parametrize("event", ODD_EVENTS)
async def test_an_event_that_is_json_but_no_event_is_malformed(stage, event) -> None:
    await stage.declare(stage.model("odd?after=4&events=20&says=" + event.replace('"', "%22"), "odd"))
    events = await stage.events("odd")
    assert stage.join(events) == "word0 word1 word2 word3"
    assert events[-1]["error"]["code"] == "llm_malformed"


async def test_text_in_parts_and_odd_usage_are_read(stage) -> None:
    parts = '{"choices": [{"index": 0, "delta": {"content": [{"type": "text", "text": "more "}]}}], "usage": "none"}'
    await stage.declare(stage.model("parts?after=4&says=" + parts.replace('"', "%22"), "parts"))
    events = await stage.events("parts")
    assert events[-1] == "[DONE]"
    row = (await stage.wait_for_rows(1))[0]
    assert (row["outcome"], row["completion_tokens"]) == ("ok", 10)


@pytest.mark.parametrize("script", ["whole?ignores=1", "whole"])
async def test_a_model_that_does_not_stream_answers_streams_in_one_piece(stage, script) -> None:
    able = [] if script == "whole" else ["stream"]
    await stage.declare(stage.model(script, "whole", capabilities=able))
    events = await stage.events("whole", stream_options={"include_usage": True})
    assert (stage.join(events), events[-1], events[-2]["usage"]["completion_tokens"]) == (FULL, "[DONE]", 10)
    assert stage.upstream.asked("whole")[-1]["body"]["stream"] is (script != "whole")


def rows_of(stage) -> int:
    """Tokens in all rows."""
    return sum(row["prompt_tokens"] + row["completion_tokens"] for row in stage.rows())


async def test_refusals_cost_nothing_but_are_counted(strict) -> None:
    await refuse(strict, "chat", 400, text="long " * 20_000)
    await eventually(lambda: len(strict.rows()) == 2)
    assert rows_of(strict) == 0
    assert {row["outcome"] for row in strict.rows()} == {"context_length_exceeded"}

"""What happens when models fail: before the first word, and in the middle of a sentence. All processes are real."""

import asyncio
import json
import time

import httpx
import pytest

from codemuse.request_context import DEADLINE_HEADER
from codemuse.testing import eventually, free_port

FULL = " ".join(f"word{number}" for number in range(10))
TWENTY = " ".join(f"word{number}" for number in range(20))


async def test_a_plain_answer_is_the_upstreams_own(stage) -> None:
    await stage.declare(stage.model("plain", "mine"))
    reply = (await stage.chat("mine", seed=7, temperature=0.5)).json()
    assert (reply["choices"][0]["message"]["content"], reply["id"]) == (FULL, "chatcmpl-fake")
    sent = stage.upstream.asked("plain")[-1]["body"]
    assert (sent["model"], sent["seed"], sent["temperature"], sent["stream"]) == ("plain", 7, 0.5, False)


async def test_the_bytes_of_an_upstreams_events_are_relayed(stage) -> None:
    await stage.declare(stage.model("bytes"))
    reply = await stage.chat("bytes", stream=True, stream_options={"include_usage": True})
    direct = {"model": "bytes", "messages": [{"role": "user", "content": "Hello"}], "stream": True}
    async with httpx.AsyncClient() as client:
        expected = (await client.post(f"{stage.upstream.url}/chat/completions", json=direct)).text
    assert reply.text == expected


async def test_usage_is_shown_in_a_stream_only_to_who_asks(stage) -> None:
    await stage.declare(stage.model("usage"))
    assert not any("usage" in event for event in await stage.events("usage") if event != "[DONE]")
    shown = await stage.events("usage", stream_options={"include_usage": True})
    assert shown[-2]["usage"]["completion_tokens"] == 10


@pytest.mark.parametrize("fault", ["split", "one", "nodone"])
async def test_events_may_arrive_in_any_packets(stage, fault) -> None:
    script = f"{fault}?one=1" if fault == "one" else f"{fault}?fault={fault}"
    await stage.declare(stage.model(script))
    assert await stage.text(fault) == FULL


@pytest.mark.parametrize("prefill", [True, False])
@pytest.mark.parametrize("fault", ["cut", "stall", "malformed", "error", "nofinal"])
async def test_another_model_goes_on_in_mid_sentence_without_a_word_repeated_or_missing(stage, fault, prefill) -> None:
    first = stage.model(f"broken-{fault}?fault={fault}&after=4&events=20&n={prefill}", "first", stall_seconds=0.3)
    second = stage.model(f"second-{fault}?events=20&n={prefill}", "second")
    second["capabilities"] = ["stream", *(["prefill"] if prefill else [])]
    await stage.declare(first, second, roles={"chat": ["first", "second"]})
    assert await stage.text() == TWENTY
    asked = stage.upstream.asked(f"second-{fault}?events=20&n={prefill}")
    if fault == "nofinal":
        assert asked == [] or asked[0]["body"]["messages"][1]["content"] == TWENTY
        return
    assert len(asked) == 1
    rows = await stage.wait_for_rows(2)
    assert [(row["model"], row["is_last"], row["is_switch"]) for row in rows] == [
        ("first", False, False),
        ("second", True, True),
    ]


async def test_a_cut_inside_a_word_is_mended(stage) -> None:
    """The instruction repeats the incomplete word, so a model that writes it whole loses nothing."""
    from llm_server.core.calls import make_event
    from llm_server.core.wrappers.continuation import Seam

    seam = Seam("The regis", prefilled=False)
    said = [
        seam.join([make_event({"choices": [{"index": 0, "delta": {"content": piece}}]})])
        for piece in ("regi", "stry", " is")
    ]
    assert "".join(event.text for group in said for event in group) == "try is"


async def test_usage_of_a_continued_answer_is_that_of_both_parts(stage) -> None:
    first = stage.model("half?fault=cut&after=10&events=20", "first", price={"completion": 1.0})
    second = stage.model("rest?events=20", "second", price={"completion": 2.0})
    await stage.declare(first, second, roles={"chat": ["first", "second"]})
    events = await stage.events(stream_options={"include_usage": True})
    told = events[-2]["usage"]
    rows = await stage.wait_for_rows(2)
    assert told["completion_tokens"] == sum(row["completion_tokens"] for row in rows)
    assert told["prompt_tokens"] == sum(row["prompt_tokens"] for row in rows)
    assert rows[0]["is_estimated"]
    assert [row["cost"] for row in rows] == [rows[0]["completion_tokens"], 2 * rows[1]["completion_tokens"]]


async def test_where_nobody_can_go_on_the_partial_answer_ends_with_a_typed_error(stage) -> None:
    await stage.declare(stage.model("alone?fault=cut&after=4&events=20", "alone"))
    events = await stage.events("alone")
    assert stage.join(events) == "word0 word1 word2 word3"
    assert events[-1]["error"]["code"] == "llm_interrupted"


async def test_a_tool_call_that_breaks_off_is_not_gone_on_with(stage) -> None:
    await stage.declare(
        stage.model("tool?tools=1&fault=cut&after=2", "first"),
        stage.model("tool2?tools=1", "second"),
        roles={"chat": ["first", "second"]},
    )
    tools = [{"type": "function", "function": {"name": "look", "parameters": {"type": "object"}}}]
    assert (await stage.events(tools=tools))[-1]["error"]["code"] == "llm_interrupted"


@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize(
    "script",
    [
        "status=500",
        "status=408",
        "status=409",
        "status=404",
        "status=429&retry=30",
        "status=401",
        "fault=html",
        "fault=error200",
    ],
)
async def test_whatever_fails_before_the_first_word_the_next_model_answers(stage, script, stream) -> None:
    name = script.replace("=", "-").replace("&", "-")
    await stage.declare(
        stage.model(f"{name}?{script}&s={stream}", "first"),
        stage.model("good", "second"),
        roles={"chat": ["first", "second"]},
    )
    text = await stage.text() if stream else (await stage.chat()).json()["choices"][0]["message"]["content"]
    assert text == FULL
    rows = await stage.wait_for_rows(2)
    assert [row["model"] for row in rows] == ["first", "second"]
    assert rows[1]["is_fallback"]


async def test_a_refused_key_alerts_and_is_shown_to_nobody(stage, caplog) -> None:
    told = "status=401&message=Incorrect+API+key+provided:+sk-abcdefghijklmnop1234567890"
    await stage.declare(
        stage.model(f"locked?{told}", "locked", api_key="sk-abcdefghijklmnop1234567890"),
        stage.model("good", "second"),
        roles={"chat": ["locked", "second"]},
    )
    assert await stage.text() == FULL
    refused = await stage.chat("locked")
    assert (refused.status_code, refused.json()["error"]["code"]) == (502, "llm_key_refused")
    metrics = (await stage.http.get("/metrics")).text
    assert 'codemuse_llm_keys_refused_total{model="locked"} 2.0' in metrics
    [logged, *_] = [line for line in caplog.text.splitlines() if "the key of a model is refused" in line]
    assert "Incorrect API key provided" in refused.text
    assert "abcdefghijklmnop" not in refused.text + logged


async def test_a_model_that_cannot_be_connected_to_is_passed_over(stage) -> None:
    gone = stage.model("gone") | {"base_url": f"http://127.0.0.1:{free_port()}/v1"}
    await stage.declare(gone, stage.model("here"), roles={"chat": ["gone", "here"]})
    assert await stage.text() == FULL


async def test_a_conversation_too_long_for_one_model_goes_to_a_larger_one_only(stage) -> None:
    overflow = "status=400&code=context_length_exceeded"
    await stage.declare(
        stage.model(f"small?{overflow}", "small", context_tokens=4000),
        stage.model("smaller", "smaller", context_tokens=2000),
        stage.model("larger", "larger", context_tokens=100_000),
        roles={"chat": ["small", "smaller", "larger"]},
    )
    assert await stage.text() == FULL
    assert len(stage.upstream.asked("larger")) == 1
    assert stage.upstream.asked("smaller") == []


async def test_a_conversation_that_fits_nowhere_is_told_by_how_much(stage) -> None:
    await stage.declare(stage.model("tiny", context_tokens=1000))
    reply = await stage.chat("tiny", messages=[{"role": "user", "content": "long " * 2000}])
    assert reply.status_code == 400
    assert reply.json()["error"]["code"] == "context_length_exceeded"
    assert "too many" in reply.json()["error"]["message"]
    assert stage.upstream.asked("tiny") == []


async def test_a_conversation_may_be_shortened_to_fit(stage) -> None:
    await stage.declare(stage.model("short", context_tokens=1000))
    talk = [
        {"role": role, "content": f"turn {turn} " + "words " * 50}
        for turn in range(30)
        for role in ("user", "assistant")
    ]
    asked = [*talk, {"role": "user", "content": "And now?"}]
    assert (await stage.chat("short", messages=asked)).status_code == 400
    assert (await stage.chat("short", messages=asked, truncation="auto")).status_code == 200
    sent = stage.upstream.asked("short")[-1]["body"]
    assert "truncation" not in sent
    assert sent["messages"][-1] == asked[-1]
    assert "earlier in this conversation" in sent["messages"][0]["content"].lower()
    assert len(sent["messages"]) < 20


async def test_refused_content_is_not_shown_to_another_unless_that_is_set(stage) -> None:
    await stage.declare(
        stage.model("prude?status=400&code=content_filter", "prude"),
        stage.model("other"),
        roles={"chat": ["prude", "other"]},
    )
    reply = await stage.chat()
    assert (reply.status_code, reply.json()["error"]["code"]) == (400, "content_refused")


async def test_a_mistake_of_the_caller_is_told_and_not_tried_elsewhere(stage) -> None:
    await stage.declare(
        stage.model("strict?status=400&message=seed+must+be+odd", "strict"),
        stage.model("unasked"),
        roles={"chat": ["strict", "unasked"]},
    )
    reply = await stage.chat()
    assert reply.status_code == 400
    assert "seed must be odd" in reply.json()["error"]["message"]
    assert stage.upstream.asked("unasked") == []


async def test_what_is_safe_is_tried_once_more_as_soon_as_the_upstream_wishes(stage) -> None:
    await stage.declare(stage.model("busy?status=429&retry=1&first=1", "busy"))
    started = time.monotonic()
    assert (await stage.chat("busy")).status_code == 200
    assert time.monotonic() - started >= 1.0
    assert len(stage.upstream.asked("busy")) == 2


async def test_a_model_that_keeps_failing_is_left_alone(stage) -> None:
    await stage.declare(stage.model("dead?status=500", "dead"), roles={"chat": ["dead", "extractive"]})
    for _ in range(8):
        assert (await stage.chat()).status_code == 200
    assert len(stage.upstream.asked("dead")) == 5
    listed = (await stage.http.get("/api/v1/circuit-breakers")).json()["items"]
    assert [(one["state"], one["failures"]) for one in listed if "dead" in one["name"]] == [("open", 5)]


async def test_what_the_caller_did_wrong_does_not_open_a_breaker(stage) -> None:
    await stage.declare(stage.model("wrong?status=400", "wrong"))
    for _ in range(8):
        assert (await stage.chat("wrong")).status_code == 400
    assert len(stage.upstream.asked("wrong")) == 8


@pytest.mark.parametrize("stream", [True, False])
async def test_a_callers_deadline_ends_an_answer_and_is_not_held_against_the_model(stage, stream) -> None:
    script = "unhurried?events=1000&delay=0.1" if stream else "unhurried?lead=5"
    await stage.declare(stage.model(script, "unhurried"), stage.model("other"), roles={"chat": ["unhurried", "other"]})
    for _ in range(6):
        started = time.monotonic()
        reply = await stage.chat(stream=stream, headers={DEADLINE_HEADER: "0.4"})
        assert time.monotonic() - started < 2.0
        told = json.loads(reply.text.strip().splitlines()[-1].removeprefix("data: ")) if stream else reply.json()
        assert told["error"]["code"] == "deadline_exceeded"
    assert len(stage.upstream.asked("unhurried")) == 6
    assert stage.upstream.asked("other") == []
    listed = (await stage.http.get("/api/v1/circuit-breakers")).json()["items"]
    assert [(one["state"], one["failures"]) for one in listed if "unhurried" in one["name"]] == [("closed", 0)]


async def test_the_upstream_is_left_within_a_second_when_the_caller_leaves(stage) -> None:
    await stage.declare(stage.model("slow?events=1000&delay=0.05", "slow"))
    body = {"model": "slow", "messages": [{"role": "user", "content": "Hello"}], "stream": True}
    async with stage.http.stream("POST", "/v1/chat/completions", json=body) as reply:
        async for line in reply.aiter_lines():
            if "word3" in line:
                break
    left_at = time.time()
    await eventually(lambda: "aborted_at" in stage.upstream.asked("slow?")[0], seconds=3)
    assert stage.upstream.asked("slow?")[0]["aborted_at"] - left_at < 1.0
    row = (await stage.wait_for_rows(1))[0]
    assert (row["outcome"], row["is_estimated"]) == ("cancelled", True)
    assert row["completion_tokens"] > 0


async def test_the_upstream_is_left_when_the_caller_leaves_before_the_first_word(stage) -> None:
    await stage.declare(stage.model("silent?fault=stall&after=0", "silent", first_token_seconds=20.0))
    asking = asyncio.create_task(stage.chat("silent", stream=True))
    await eventually(lambda: stage.upstream.asked("silent"))
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)
    await eventually(lambda: "aborted_at" in stage.upstream.asked("silent")[0], seconds=2)


async def test_without_any_model_the_sources_of_the_prompt_answer(stage) -> None:
    models = (await stage.http.get("/v1/models")).json()["data"]
    assert [model["id"] for model in models if model["kind"] == "chat"] == ["extractive"]
    whole = (await stage.chat()).json()
    assert (whole["model"], whole["choices"][0]["finish_reason"]) == ("extractive", "stop")
    assert await stage.text() == whole["choices"][0]["message"]["content"]


async def test_the_extractive_answer_names_who_was_to_answer(stage) -> None:
    await stage.declare(stage.model("ill?status=500", "ill"), roles={"chat": ["ill", "extractive"]})
    assert "ill did not answer" in json.dumps((await stage.chat()).json())

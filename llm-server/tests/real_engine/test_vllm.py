"""llm-server before a real vLLM engine: what is relayed is the wire format of a real engine."""

import asyncio
import json

import httpx
import openai

from codemuse.testing import SERVICE_TOKEN, eventually

HELLO = [{"role": "user", "content": "Hello"}]


def tiny(engine, **more) -> dict:
    return {"name": "tiny", "base_url": engine.url, "upstream_name": "tiny", "context_tokens": None, **more}


async def test_a_plain_answer_and_its_usage_are_the_engines(stage, engine) -> None:
    await stage.declare(tiny(engine, price={"completion": 1}))
    reply = (await stage.chat("tiny", max_tokens=12, seed=1, ignore_eos=True)).json()
    assert reply["system_fingerprint"].startswith("vllm")
    assert (reply["usage"]["completion_tokens"], reply["choices"][0]["finish_reason"]) == (12, "length")
    row = (await stage.wait_for_rows(1))[0]
    assert (row["prompt_tokens"], row["completion_tokens"]) == (reply["usage"]["prompt_tokens"], 12)
    assert not row["is_estimated"]


async def test_a_stream_is_relayed_event_by_event(stage, engine) -> None:
    await stage.declare(tiny(engine))
    asked = {"max_tokens": 20, "seed": 1, "ignore_eos": True, "temperature": 0}
    through = await stage.events("tiny", stream_options={"include_usage": True}, **asked)
    body = {"model": "tiny", "messages": HELLO, "stream": True, "stream_options": {"include_usage": True}, **asked}
    async with httpx.AsyncClient(timeout=60) as client:
        direct = (await client.post(f"{engine.url}/chat/completions", json=body)).text
    events = [json.loads(line[6:]) for line in direct.splitlines() if line.startswith("data: {")]
    assert through[-1] == "[DONE]"
    assert stage.join(through) == stage.join(events)
    assert through[-2]["usage"] == events[-1]["usage"]
    assert {frozenset(event) for event in through[:-1]} == {frozenset(event) for event in events}


async def test_a_json_schema_and_a_tool_call_come_through(stage, engine) -> None:
    await stage.declare(tiny(engine))
    schema = {"type": "object", "properties": {"answer": {"enum": ["yes", "no"]}}, "required": ["answer"]}
    schema["additionalProperties"] = False
    async with openai.AsyncOpenAI(base_url=f"{stage.url}/v1", api_key=SERVICE_TOKEN, max_retries=0) as sdk:
        wanted = {"type": "json_schema", "json_schema": {"name": "reply", "schema": schema}}
        reply = await sdk.chat.completions.create(model="tiny", messages=HELLO, response_format=wanted, max_tokens=300)
        if reply.choices[0].finish_reason == "stop":
            assert json.loads(reply.choices[0].message.content)["answer"] in {"yes", "no"}
        tool = {"type": "function", "function": {"name": "reply", "parameters": schema}}
        named = {"type": "function", "function": {"name": "reply"}}
        called = await sdk.chat.completions.create(
            model="tiny", messages=HELLO, tools=[tool], tool_choice=named, max_tokens=300
        )
    assert called.choices[0].message.tool_calls[0].function.name == "reply"


async def test_the_engine_stops_when_the_caller_leaves(stage, engine) -> None:
    await stage.declare(tiny(engine))
    body = {"model": "tiny", "messages": HELLO, "stream": True, "max_tokens": 900, "ignore_eos": True}
    async with stage.http.stream("POST", "/v1/chat/completions", json=body) as reply:
        lines = reply.aiter_lines()
        for _ in range(6):
            await anext(lines)
        assert engine.running() == 1
    await eventually(lambda: engine.running() == 0, seconds=2)
    row = (await stage.wait_for_rows(1))[0]
    assert row["outcome"] == "cancelled"
    assert 0 < row["completion_tokens"] < 900


async def test_a_conversation_that_is_too_long_is_told_as_such(stage, engine) -> None:
    await stage.declare(tiny(engine))
    reply = await stage.chat("tiny", messages=[{"role": "user", "content": "long " * 600}])
    assert (reply.status_code, reply.json()["error"]["code"]) == (400, "context_length_exceeded")


async def test_adapters_are_listed_and_asked_for_like_models(stage, engine) -> None:
    await stage.declare(tiny(engine), tiny(engine, name="adapted", upstream_name="team"))
    result = (await stage.http.post("/api/v1/providers/test", json={"name": "adapted"})).json()
    assert result["ok"], result
    assert set(result["served_models"]) == {"tiny", "team"}
    assert (await stage.chat("adapted", max_tokens=4)).json()["model"] == "team"


async def test_more_streams_than_the_engine_has_room_for_are_all_served(stage, engine) -> None:
    await stage.declare(tiny(engine))
    asked = {"max_tokens": 10, "ignore_eos": True, "stream_options": {"include_usage": True}}
    everything = await asyncio.gather(*(stage.events("tiny", **asked) for _ in range(48)))
    assert [events[-1] for events in everything] == ["[DONE]"] * 48
    assert len(await stage.wait_for_rows(48, outcome="ok")) == 48


async def test_an_engine_that_is_killed_in_mid_sentence_is_gone_on_for(stage, start_engine) -> None:
    engine = start_engine()
    await stage.declare(tiny(engine), stage.model("rescue"), roles={"chat": ["tiny", "rescue"]})
    body = {"model": "chat", "messages": HELLO, "stream": True, "max_tokens": 900, "ignore_eos": True}
    said: list[str] = []
    async with stage.http.stream("POST", "/v1/chat/completions", json=body) as reply:
        async for line in reply.aiter_lines():
            said.append(line)
            if len(said) == 10:
                engine.kill()
    assert said[-2] == "data: [DONE]"
    assert "word9" in "".join(said)
    rows = await stage.wait_for_rows(2)
    assert [(row["model"], row["outcome"]) for row in rows] == [("tiny", "llm_interrupted"), ("rescue", "ok")]
    assert rows[1]["is_switch"]

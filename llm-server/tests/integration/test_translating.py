"""Upstreams that speak responses or Anthropic's messages: here llm-server's own doors, which the official SDKs have proven."""

import base64

import pytest

from codemuse.testing import SERVICE_TOKEN

FULL = " ".join(f"word{number}" for number in range(10))
TOOL = {"type": "function", "function": {"name": "look", "parameters": {"type": "object", "properties": {}}}}
PICTURE = f"data:image/png;base64,{base64.b64encode(b'png').decode()}"


@pytest.fixture(params=["responses", "anthropic"])
async def looped(request, stage):
    """Declares models that reach others of the fake upstream through a door of this very server."""

    async def declare(script: str, name: str = "looped", **more) -> None:
        through = {"name": name, "kind": request.param, "base_url": f"{stage.url}/v1", "api_key": SERVICE_TOKEN}
        inner = f"inner-of-{name}"
        await stage.declare(stage.model(script, inner), through | {"upstream_name": inner} | more)

    return declare


async def test_an_answer_and_its_usage_come_through(stage, looped) -> None:
    await looped("said", price={"completion": 1})
    reply = (await stage.chat("looped", max_tokens=50, temperature=0.5)).json()
    choice = reply["choices"][0]
    assert (choice["message"]["content"], choice["finish_reason"]) == (FULL, "stop")
    assert reply["usage"]["completion_tokens"] == 10
    sent = stage.upstream.asked("said")[-1]["body"]
    assert (sent["max_tokens"], sent["temperature"]) == (50, 0.5)
    assert (await stage.wait_for_rows(2, completion_tokens=10))[0]["is_estimated"] is False


async def test_a_stream_comes_through(stage, looped) -> None:
    await looped("said")
    events = await stage.events("looped", stream_options={"include_usage": True})
    assert stage.join(events) == FULL
    assert events[-2]["usage"]["completion_tokens"] == 10
    assert [event["choices"][0]["finish_reason"] for event in events[:-1] if event["choices"]][-1] == "stop"


@pytest.mark.parametrize("stream", [True, False])
async def test_tool_calls_come_through(stage, looped, stream) -> None:
    await looped("tooled?tools=1")
    named = {"type": "function", "function": {"name": "look"}}
    asked = {"tools": [TOOL], "tool_choice": named}
    if stream:
        events = [event for event in await stage.events("looped", **asked) if event != "[DONE]"]
        calls = [call for event in events for call in event["choices"][0]["delta"].get("tool_calls", ())]
        name, arguments = calls[0]["function"]["name"], "".join(call["function"]["arguments"] for call in calls)
        finish = events[-1]["choices"][0]["finish_reason"]
    else:
        choice = (await stage.chat("looped", **asked)).json()["choices"][0]
        function = choice["message"]["tool_calls"][0]["function"]
        name, arguments, finish = function["name"], function["arguments"], choice["finish_reason"]
    assert (name, arguments.replace(" ", ""), finish) == ("look", '{"path":"a.py"}', "tool_calls")
    assert stage.upstream.asked("tooled")[-1]["body"]["tool_choice"] == named


async def test_a_conversation_with_tools_and_pictures_comes_through(stage, looped) -> None:
    await looped("said")
    call = {"id": "c1", "type": "function", "function": {"name": "look", "arguments": '{"path":"a.py"}'}}
    picture = {"type": "image_url", "image_url": {"url": PICTURE}}
    conversation = [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": [picture, {"type": "text", "text": "What is it?"}]},
        {"role": "assistant", "content": "I look.", "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "c1", "content": "a cat"},
        {"role": "user", "content": "And?"},
    ]
    assert (await stage.chat("looped", messages=conversation)).status_code == 200
    sent = stage.upstream.asked("said")[-1]["body"]["messages"]
    assert sent[0] == {"role": "system", "content": "Be brief."}
    assert sent[1]["content"][0] == picture
    told = next(message for message in sent if message.get("tool_calls"))["tool_calls"][0]
    assert (told["id"], told["function"]["name"]) == ("c1", "look")
    assert [message["content"] for message in sent if message["role"] == "tool"] == ["a cat"]
    assert sent[-1]["role"] == "user"


@pytest.mark.parametrize("fault", ["cut", "malformed", "error"])
async def test_what_breaks_off_is_gone_on_with_by_another(stage, looped, fault) -> None:
    await looped(f"torn-{fault}?fault={fault}&after=4&events=20", "first")
    await stage.declare(stage.model("second?events=20"), roles={"chat": ["first", "second"]})
    assert await stage.text() == " ".join(f"word{number}" for number in range(20))


async def test_they_go_on_where_another_broke_off(stage, looped) -> None:
    await looped("second?events=20", "second", capabilities=["stream", "prefill"])
    await stage.declare(stage.model("first?fault=cut&after=4&events=20"), roles={"chat": ["first", "second"]})
    assert await stage.text() == " ".join(f"word{number}" for number in range(20))


@pytest.mark.parametrize("stream", [True, False])
async def test_refusals_keep_their_meaning(stage, looped, stream) -> None:
    await looped("over?status=400&message=this+is+beyond+the+maximum+context+length")
    reply = await stage.chat("looped", stream=stream)
    assert (reply.status_code, reply.json()["error"]["code"]) == (400, "context_length_exceeded")
    several = await stage.chat("looped", n=2, stream=stream)
    assert (several.status_code, several.json()["error"]["code"]) == (400, "unsupported_by_model")


async def test_a_schema_is_asked_for_in_their_own_way(stage, looped) -> None:
    await looped("tooled?tools=1")
    schema = {"type": "object", "properties": {"path": {"type": "string"}}}
    wanted = {"type": "json_schema", "json_schema": {"name": "place", "schema": schema}}
    whole = (await stage.chat("looped", response_format=wanted)).json()["choices"][0]["message"]
    streamed = stage.join(await stage.events("looped", response_format=wanted))
    sent = stage.upstream.asked("tooled")[-1]["body"]
    if sent.get("response_format"):  # responses know schemas
        assert sent["response_format"]["json_schema"]["schema"] == schema
    else:  # Anthropic's messages do not: a tool stands for the answer, and its input is the text
        assert sent["tools"][0]["function"]["parameters"] == schema
        assert whole["content"].replace(" ", "") == streamed.replace(" ", "") == '{"path":"a.py"}'


async def test_a_connection_test_lists_what_they_serve(stage, looped) -> None:
    await looped("said")
    result = (await stage.http.post("/api/v1/providers/test", json={"name": "looped"})).json()
    assert result["ok"]
    assert "inner-of-looped" in result["served_models"]

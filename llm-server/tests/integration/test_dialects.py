"""The official SDKs as clients: what they read must be what the model said."""

import base64
import json

import anthropic
import openai
import pytest

from codemuse.contracts.providers import caller_headers
from codemuse.testing import SERVICE_TOKEN

FULL = " ".join(f"word{number}" for number in range(10))
TOOL = {"type": "function", "function": {"name": "look", "parameters": {"type": "object", "properties": {}}}}
HELLO = [{"role": "user", "content": "Hello"}]


@pytest.fixture
async def sdk(stage):
    await stage.declare(stage.model("said"), stage.model("tooled?tools=1", "tooled"))
    async with openai.AsyncOpenAI(base_url=f"{stage.url}/v1", api_key=SERVICE_TOKEN, max_retries=0) as client:
        yield client


@pytest.fixture
async def claude(stage):
    await stage.declare(stage.model("said"), stage.model("tooled?tools=1", "tooled"))
    async with anthropic.AsyncAnthropic(base_url=stage.url, auth_token=SERVICE_TOKEN, max_retries=0) as client:
        yield client


async def test_chat_completions(sdk) -> None:
    whole = await sdk.chat.completions.create(model="said", messages=HELLO, n=2)
    assert [choice.message.content for choice in whole.choices] == [FULL, FULL]
    stream = await sdk.chat.completions.create(
        model="said", messages=HELLO, stream=True, stream_options={"include_usage": True}
    )
    events = [event async for event in stream]
    assert "".join(event.choices[0].delta.content or "" for event in events if event.choices) == FULL
    assert events[-1].usage.completion_tokens == 10


async def test_chat_completions_with_tools(sdk) -> None:
    whole = await sdk.chat.completions.create(model="tooled", messages=HELLO, tools=[TOOL])
    assert whole.choices[0].message.tool_calls[0].function.name == "look"
    async with sdk.chat.completions.stream(model="tooled", messages=HELLO, tools=[TOOL]) as stream:
        final = await stream.get_final_completion()
    assert json.loads(final.choices[0].message.tool_calls[0].function.arguments) == {"path": "a.py"}


async def test_completions(sdk) -> None:
    whole = await sdk.completions.create(model="said", prompt="Once", echo=True)
    assert whole.choices[0].text == f"Once{FULL}"
    for asked in ({}, {"echo": True}):
        stream = await sdk.completions.create(model="said", prompt="Once", stream=True, **asked)
        said = "".join([event.choices[0].text async for event in stream])
        assert said == ("Once" if asked else "") + FULL


async def test_completions_of_several_prompts(sdk, stage) -> None:
    whole = await sdk.completions.create(model="said", prompt=["One", "Two", "Three"], n=2, echo=True)
    assert [(choice.index, choice.text) for choice in whole.choices] == [
        (index, f"{prompt}{FULL}") for index, prompt in enumerate(("One", "One", "Two", "Two", "Three", "Three"))
    ]
    rows = await stage.wait_for_rows(3, model="said")
    assert whole.usage.prompt_tokens == sum(row["prompt_tokens"] for row in rows)
    assert whole.usage.completion_tokens == sum(row["completion_tokens"] for row in rows) == 30


async def test_completions_of_several_prompts_as_a_stream(sdk) -> None:
    stream = await sdk.completions.create(
        model="said", prompt=["One", "Two"], stream=True, stream_options={"include_usage": True}
    )
    events = [event async for event in stream]
    said = {0: "", 1: ""}
    for choice in (choice for event in events for choice in event.choices):
        said[choice.index] += choice.text
    assert said == {0: FULL, 1: FULL}
    assert len({event.id for event in events}) == 1
    assert sorted(choice.index for event in events for choice in event.choices if choice.finish_reason) == [0, 1]
    assert [event.usage.completion_tokens for event in events if event.usage] == [20]
    assert (events[-1].choices, events[-1].model) == ([], "said")


async def test_completions_fail_as_a_whole_when_one_prompt_cannot_be_answered(sdk, stage) -> None:
    await stage.declare(stage.model("narrow", context_tokens=300, max_output_tokens=100))
    with pytest.raises(openai.BadRequestError) as refused:
        await sdk.completions.create(model="narrow", prompt=["short", "long " * 1000], max_tokens=20)
    assert refused.value.code == "context_length_exceeded"
    stream = await sdk.completions.create(model="narrow", prompt=["short", "long " * 1000], max_tokens=20, stream=True)
    with pytest.raises(openai.APIError) as broken:
        async for _ in stream:
            pass
    assert broken.value.code == "context_length_exceeded"


BAD_PROMPTS = [
    ([1, 2, 3], "unsupported_value", "tokens"),
    ([[1, 2], [3]], "unsupported_value", "tokens"),
    ([], "invalid_value", "text"),
    (["one", 2], "invalid_value", "text"),
    (["one"] * 65, "invalid_value", "at most 64"),
]


@pytest.mark.parametrize(("prompt", "code", "reason"), BAD_PROMPTS)
async def test_completions_refuse_what_is_no_text(sdk, stage, prompt, code, reason) -> None:
    for stream in (False, True):
        with pytest.raises(openai.BadRequestError, match=reason) as refused:
            await sdk.completions.create(model="said", prompt=prompt, stream=stream)
        assert (refused.value.code, refused.value.param) == (code, "prompt")
    assert stage.upstream.asked("said") == []


async def test_responses(sdk) -> None:
    whole = await sdk.responses.create(model="said", input="Hello", instructions="Be brief.")
    assert (whole.output_text, whole.usage.output_tokens) == (FULL, 10)
    async with sdk.responses.stream(model="said", input="Hello") as stream:
        final = await stream.get_final_response()
    assert (final.output_text, final.status, final.usage.output_tokens) == (FULL, "completed", 10)


async def test_responses_with_tools_in_a_conversation(sdk, stage) -> None:
    tool = {"type": "function", "name": "look", "parameters": {"type": "object", "properties": {}}, "strict": False}
    async with sdk.responses.stream(model="tooled", input="Hello", tools=[tool]) as stream:
        call = (await stream.get_final_response()).output[0]
    assert (call.name, json.loads(call.arguments)) == ("look", {"path": "a.py"})
    answered = [
        {"role": "user", "content": "Hello"},
        {"type": "function_call", "call_id": call.call_id, "name": "look", "arguments": call.arguments},
        {"type": "function_call_output", "call_id": call.call_id, "output": "found"},
    ]
    await sdk.responses.create(model="said", input=answered)
    sent = stage.upstream.asked("said")[-1]["body"]["messages"]
    assert [message["role"] for message in sent] == ["user", "assistant", "tool"]
    assert sent[2]["tool_call_id"] == sent[1]["tool_calls"][0]["id"]
    with pytest.raises(openai.BadRequestError, match="not stored"):
        await sdk.responses.create(model="said", input="Hello", previous_response_id="resp_1")


async def test_responses_with_a_json_schema(sdk, stage) -> None:
    schema = {"type": "object", "properties": {}, "additionalProperties": False}
    wanted = {"format": {"type": "json_schema", "name": "thing", "schema": schema, "strict": True}}
    await sdk.responses.create(model="said", input="Hello", text=wanted)
    assert stage.upstream.asked("said")[-1]["body"]["response_format"] == {
        "type": "json_schema",
        "json_schema": {"name": "thing", "schema": schema, "strict": True},
    }


async def test_messages(claude) -> None:
    whole = await claude.messages.create(model="said", max_tokens=50, system="Be brief.", messages=HELLO)
    assert (whole.content[0].text, whole.stop_reason, whole.usage.output_tokens) == (FULL, "end_turn", 10)
    async with claude.messages.stream(model="said", max_tokens=50, messages=HELLO) as stream:
        final = await stream.get_final_message()
    assert (final.content[0].text, final.stop_reason, final.usage.output_tokens) == (FULL, "end_turn", 10)
    counted = await claude.messages.count_tokens(model="said", messages=HELLO)
    assert 1 <= counted.input_tokens <= 20


async def test_messages_with_tools_and_images(claude, stage) -> None:
    tool = {"name": "look", "description": "Looks.", "input_schema": {"type": "object", "properties": {}}}
    async with claude.messages.stream(model="tooled", max_tokens=50, messages=HELLO, tools=[tool]) as stream:
        final = await stream.get_final_message()
    assert (final.stop_reason, final.content[0].name, final.content[0].input) == ("tool_use", "look", {"path": "a.py"})
    image = {"type": "base64", "media_type": "image/png", "data": base64.b64encode(b"png").decode()}
    conversation = [
        {"role": "user", "content": [{"type": "image", "source": image}, {"type": "text", "text": "What is it?"}]},
        {"role": "assistant", "content": [{"type": "tool_use", "id": "t1", "name": "look", "input": {}}]},
        {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "t1", "content": "a cat"}]},
    ]
    await claude.messages.create(model="said", max_tokens=50, messages=conversation)
    sent = stage.upstream.asked("said")[-1]["body"]["messages"]
    assert sent[0]["content"][0]["image_url"]["url"].startswith("data:image/png;base64,")
    assert (sent[2]["role"], sent[2]["content"]) == ("tool", "a cat")


async def test_a_model_is_looked_up_by_its_name_or_its_role(sdk) -> None:
    assert (await sdk.models.retrieve("said")).id == "said"
    assert (await sdk.models.retrieve("chat")).id in [model.id async for model in sdk.models.list()]
    with pytest.raises(openai.NotFoundError):
        await sdk.models.retrieve("ghost")


async def test_errors_have_the_shape_of_their_dialect(sdk, claude, stage) -> None:
    with pytest.raises(openai.NotFoundError) as refused:
        await sdk.chat.completions.create(model="ghost", messages=HELLO)
    assert refused.value.code == "model_not_found"
    with pytest.raises(anthropic.NotFoundError) as refused:
        await claude.messages.create(model="ghost", max_tokens=5, messages=HELLO)
    assert refused.value.body["error"]["type"] == "not_found_error"
    stranger = anthropic.AsyncAnthropic(base_url=stage.url, auth_token="wrong", max_retries=0)
    with pytest.raises(anthropic.AuthenticationError):
        await stranger.messages.create(model="said", max_tokens=5, messages=HELLO)
    await stranger.close()


async def test_a_stream_that_breaks_off_says_so_in_every_dialect(sdk, claude, stage) -> None:
    await stage.declare(stage.model("snapped?fault=cut&after=2", "snapped"))
    with pytest.raises(openai.APIError):
        async for _ in await sdk.chat.completions.create(model="snapped", messages=HELLO, stream=True):
            pass
    events = [event async for event in await sdk.responses.create(model="snapped", input="Hello", stream=True)]
    assert (events[-1].type, events[-1].code) == ("error", "llm_interrupted")
    with pytest.raises(anthropic.APIStatusError):
        async with claude.messages.stream(model="snapped", max_tokens=5, messages=HELLO) as stream:
            await stream.get_final_message()


async def test_users_of_embeddings_are_told_apart_by_organisation(stage) -> None:
    """embedding-server remembers vectors by user: nobody may learn by naming them what another organisation embedded."""
    for organisation in ("acme", "evil", "acme"):
        who = caller_headers(organisation=organisation, role="admin")
        await stage.declare(stage.model("vectors", capabilities=["embeddings"]), headers=who)
        body = {"model": "vectors", "input": "a", "user": "ann"}
        assert (await stage.http.post("/v1/embeddings", json=body, headers=who)).status_code == 200
    first, other, again = [entry["body"]["user"] for entry in stage.upstream.asked("vectors")]
    assert first == again != other


async def test_embeddings_come_from_who_makes_them(sdk, stage) -> None:
    await stage.declare(stage.model("vectors", capabilities=["embeddings"]))
    reply = await sdk.embeddings.create(model="vectors", input=["a", "b"], encoding_format="float")
    assert [item.embedding for item in reply.data] == [[1.0, 0.0], [1.0, 0.0]]
    assert (await stage.wait_for_rows(1, model="vectors"))[0]["prompt_tokens"] == 3
    with pytest.raises(openai.BadRequestError, match="makes no embeddings"):
        await sdk.embeddings.create(model="extractive", input="a")


async def test_arrays_of_tokens_are_refused_in_the_words_of_who_makes_the_vectors(sdk, stage) -> None:
    refusing = stage.model("vectors?status=422&code=token_arrays_unsupported", capabilities=["embeddings"])
    await stage.declare(refusing)
    with pytest.raises(openai.BadRequestError) as refused:
        await sdk.embeddings.create(model=refusing["name"], input=[[1, 2, 3]])
    assert (refused.value.code, refused.value.body["message"]) == ("token_arrays_unsupported", "it went wrong")


BAD = [
    ({"model": "ghost"}, 404, "model_not_found"),
    ({"messages": []}, 400, "invalid_value"),
    ({"messages": "Hello"}, 400, "invalid_value"),
    ({"n": 1000}, 400, "invalid_value"),
    ({"max_tokens": 10**9}, 400, "unsupported_by_model"),
    ({"max_tokens": 0}, 400, "invalid_value"),
    ({"temperature": 9}, 400, "invalid_value"),
    ({"tools": [{"type": "function", "function": {"name": "no spaces", "parameters": {}}}]}, 400, "invalid_tool"),
    (
        {"tools": [{"type": "function", "function": {"name": "f", "parameters": {"type": "string"}}}]},
        400,
        "invalid_tool",
    ),
    ({"tools": "all"}, 400, "invalid_value"),
    (
        {
            "messages": [
                {"role": "user", "content": [{"type": "image_url", "image_url": {"url": "http://10.0.0.1/a.png"}}]}
            ]
        },
        400,
        "invalid_image",
    ),
    ({"messages": [{"role": "user", "content": "long " * 20_000}]}, 400, "context_length_exceeded"),
]


@pytest.mark.parametrize(("fields", "status", "code"), BAD)
async def test_bad_input_is_refused_before_anybody_is_asked(stage, fields, status, code) -> None:
    await stage.declare(stage.model("strict", context_tokens=8000, max_output_tokens=4000))
    reply = await stage.chat(**{"model": "strict", **fields})
    assert (reply.status_code, reply.json()["error"]["code"]) == (status, code)
    assert stage.upstream.asked("strict") == []


@pytest.mark.parametrize("raw", [b'{"model": "x", "mess', b"[]", b"", b"\xff\xfe"])
async def test_half_a_body_is_refused(stage, raw) -> None:
    reply = await stage.http.post("/v1/chat/completions", content=raw)
    assert (reply.status_code, reply.json()["error"]["code"]) == (400, "invalid_json")


async def test_a_schema_is_emulated_where_the_model_has_none(stage) -> None:
    await stage.declare(stage.model("schemaless", capabilities=["stream"]))
    schema = {"type": "object", "required": ["answer"]}
    wanted = {"type": "json_schema", "json_schema": {"name": "x", "schema": schema}}
    assert (await stage.chat("schemaless", response_format=wanted)).status_code == 200
    sent = stage.upstream.asked("schemaless")[-1]["body"]
    assert "response_format" not in sent
    assert '"required":["answer"]' in sent["messages"][0]["content"]
    refused = await stage.chat("schemaless", tools=[TOOL])
    assert (refused.status_code, refused.json()["error"]["code"]) == (400, "unsupported_by_model")

"""llm-server over HTTP, with a scripted upstream behind it."""

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import httpx
import pytest
from asgi_lifespan import LifespanManager

from codemuse.breaker import MemoryBreakerStore
from codemuse.contracts.llm import ChatRequest
from codemuse.errors import CodeMuseError, NotFound
from llm_server.core.registry import configured_endpoints, make_registry
from llm_server.core.settings import Settings
from llm_server.features.chat.service import ChatService
from llm_server.main import create_app

TOKEN = "fixture-9f8e7d6c5b4a-qwertyuiopasdfghjkl"
HELLO = {"model": "default", "messages": [{"role": "user", "content": "Hello"}]}


def event(text: str | None = None, **more) -> str:
    choice = {"index": 0, "delta": {"content": text} if text is not None else {}, **more}
    return f"data: {json.dumps({'id': 'x', 'created': 1, 'model': 'upstream-name', 'choices': [choice]})}\n\n"


FINISH = event(finish_reason="stop")
USAGE = 'data: {"choices": [], "usage": {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5}}\n\n'
GOOD = event("Hel") + event("lo") + FINISH + USAGE + "data: [DONE]\n\n"


def make_settings(**values) -> Settings:
    return Settings(service_token=TOKEN, _env_file=None, **values)


def service(
    *replies: Callable[[httpx.Request], httpx.Response] | httpx.Response, **values
) -> tuple[ChatService, list[httpx.Request]]:
    """A chat service whose upstream answers with the given replies in turn."""
    requests: list[httpx.Request] = []
    script = list(replies)

    def upstream(request: httpx.Request) -> httpx.Response:
        requests.append(request)
        reply = script.pop(0) if len(script) > 1 else script[0]
        return (
            reply(request)
            if callable(reply)
            else httpx.Response(reply.status_code, headers=reply.headers, content=reply.content)
        )

    named = {"llm_base_url": "http://models.example/v1", "llm_model": "qwen", "llm_api_key": "key-1"} | values
    client = httpx.AsyncClient(transport=httpx.MockTransport(upstream))
    return ChatService(make_registry(make_settings(**named), client, MemoryBreakerStore())), requests


def request(**values) -> ChatRequest:
    return ChatRequest.model_validate({**HELLO, **values})


async def collect(stream: AsyncIterator) -> str:
    return "".join([choice.delta.content or "" async for chunk in stream for choice in chunk.choices])


async def test_the_configured_model_answers_under_its_own_name() -> None:
    chat, requests = service(httpx.Response(200, text=GOOD))
    answer = await chat.complete(request(temperature=0.2, seed=7))
    assert (answer.choices[0].message.content, answer.model) == ("Hello", "qwen")
    assert answer.choices[0].finish_reason == "stop"
    assert answer.usage.total_tokens == 5
    sent = json.loads(requests[0].content)
    assert requests[0].headers["authorization"] == "Bearer key-1"
    assert (sent["model"], sent["stream"], sent["seed"]) == ("qwen", True, 7)


def refuse(_request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("refused")


@pytest.mark.parametrize(
    "failure",
    [
        refuse,
        httpx.Response(500, text="<html>boom</html>"),
        httpx.Response(401, json={"error": {"message": "bad key sk-abcdefgh1234"}}),
        httpx.Response(429, headers={"Retry-After": "7"}, json={"error": {"message": "slow down"}}),
        httpx.Response(404, json={"error": "no such model"}),
        httpx.Response(200, text="data: {not json\n\n"),
        httpx.Response(200, text='data: {"error": {"message": "overloaded"}}\n\n'),
        httpx.Response(200, text=""),
    ],
)
async def test_whatever_fails_before_the_first_word_the_next_provider_answers(failure) -> None:
    chat, _ = service(failure)
    answer = await chat.complete(request())
    assert answer.model == "extractive"
    assert "qwen could not be reached" in answer.choices[0].message.content


async def test_a_second_model_stands_before_the_extractive_one() -> None:
    chat, requests = service(httpx.Response(503, text=""), httpx.Response(200, text=GOOD), openai_api_key="key-2")
    answer = await chat.complete(request())
    assert (answer.choices[0].message.content, answer.model) == ("Hello", "gpt-4.1-mini")
    assert requests[1].url.host == "api.openai.com"


async def test_what_breaks_after_the_first_word_is_told_and_not_repeated_by_another() -> None:
    chat, _ = service(httpx.Response(200, text=event("Hel")))
    stream = await chat.open_stream(request())
    assert (await anext(stream)).choices[0].delta.content == "Hel"
    with pytest.raises(CodeMuseError) as raised:
        await anext(stream)
    assert raised.value.public_code == "llm_interrupted"


async def test_a_mistake_of_the_caller_is_told_and_not_tried_elsewhere() -> None:
    chat, requests = service(httpx.Response(400, json={"error": {"message": "messages: too long"}}))
    with pytest.raises(CodeMuseError, match="too long") as raised:
        await chat.complete(request())
    assert (raised.value.status, len(requests)) == (422, 1)


async def test_a_provider_that_keeps_failing_is_left_alone() -> None:
    chat, requests = service(httpx.Response(500, text=""))
    for _ in range(8):
        await chat.complete(request())
    assert len(requests) == 5


async def test_a_silent_provider_is_given_up() -> None:
    async def silent() -> AsyncIterator[bytes]:
        import asyncio

        await asyncio.sleep(5)
        yield b""

    chat, _ = service(lambda _request: httpx.Response(200, content=silent()), first_token_seconds=0.05)
    assert (await chat.complete(request())).model == "extractive"


async def test_models_are_named_and_unknown_ones_refused() -> None:
    chat, _ = service(httpx.Response(200, text=GOOD), anthropic_api_key="key-3")
    assert (await chat.complete(request(model="extractive"))).model == "extractive"
    with pytest.raises(NotFound, match="qwen, claude"):
        await chat.complete(request(model="gpt-99"))
    with pytest.raises(CodeMuseError, match="'n'"):
        await chat.complete(request(n=2))


def test_the_settings_name_the_models_in_order() -> None:
    settings = make_settings(llm_base_url="http://x/v1", llm_model="a", openai_api_key="k", anthropic_api_key="k")
    assert [endpoint.name for endpoint in configured_endpoints(settings)] == [
        "The model server at x",
        "OpenAI",
        "Anthropic",
    ]
    with pytest.raises(SystemExit, match="LLM_MODEL"):
        configured_endpoints(make_settings(llm_base_url="http://x/v1"))


@asynccontextmanager
async def connect(**values) -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(make_settings(**values))
    headers = {"Authorization": f"Bearer {TOKEN}"}
    async with (
        LifespanManager(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://llm", headers=headers) as client,
    ):
        yield client


async def test_over_http_without_any_model() -> None:
    async with connect() as client:
        assert [model["id"] for model in (await client.get("/v1/models")).json()["data"]] == ["extractive"]
        whole = (await client.post("/v1/chat/completions", json=HELLO)).json()
        assert whole["object"] == "chat.completion"
        assert whole["choices"][0]["finish_reason"] == "stop"
        reply = await client.post("/v1/chat/completions", json={**HELLO, "stream": True})
        lines = [line.removeprefix("data: ") for line in reply.text.splitlines() if line]
        assert lines[-1] == "[DONE]"
        streamed = "".join(json.loads(line)["choices"][0]["delta"].get("content") or "" for line in lines[:-1])
        assert streamed == whole["choices"][0]["message"]["content"]
        assert "usage" not in reply.text
        options = {"stream": True, "stream_options": {"include_usage": True}}
        assert '"usage"' in (await client.post("/v1/chat/completions", json={**HELLO, **options})).text


async def test_refusals_have_openais_shape() -> None:
    async with connect() as client:
        unknown = await client.post("/v1/chat/completions", json={**HELLO, "model": "gpt-99"})
        assert (unknown.status_code, unknown.json()["error"]["code"]) == (404, "model_not_found")
        assert unknown.json()["error"]["param"] == "model"
        empty = await client.post("/v1/chat/completions", json={"messages": []})
        assert (empty.status_code, empty.json()["error"]["type"]) == (422, "invalid_request_error")


async def test_an_answer_that_breaks_off_ends_with_an_error_event() -> None:
    from fastapi import FastAPI

    from codemuse.app import create_service_app
    from llm_server.core.resources import Resources
    from llm_server.features.chat.router import router

    chat, _ = service(httpx.Response(200, text=event("Hel")))

    @asynccontextmanager
    async def opened() -> AsyncIterator[Resources]:
        yield Resources(chat._registry)

    app: FastAPI = create_service_app(name="llm", settings=make_settings(), open_resources=opened, routers=(router,))
    headers = {"Authorization": f"Bearer {TOKEN}"}
    async with (
        LifespanManager(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://llm", headers=headers) as client,
    ):
        text = (await client.post("/v1/chat/completions", json={**HELLO, "stream": True})).text
    assert '"content":"Hel"' in text
    assert '"code":"llm_interrupted"' in text
    assert "[DONE]" not in text

"""Azure OpenAI: deployments in the address, the version of the API behind it, the key in a header of its own."""

import pytest

FULL = " ".join(f"word{number}" for number in range(10))
KEY = "azure-key-0123456789"


def azure(stage, script: str, name: str = "azured", **more) -> dict:
    base = stage.upstream.url.removesuffix("/v1")
    return stage.model(script, name, kind="azure", base_url=base, api_key=KEY, **more)


def asked(stage) -> dict:
    return stage.upstream.log()[-1]


async def test_a_deployment_is_asked_as_azure_wants_it(stage) -> None:
    await stage.declare(azure(stage, "gpt 4/eu", api_version="2025-04-01-preview"))
    reply = await stage.chat("azured", max_tokens=50)
    assert reply.json()["choices"][0]["message"]["content"] == FULL
    entry = asked(stage)
    assert entry["path"] == "/openai/deployments/gpt%204%2Feu/chat/completions"
    assert entry["query"] == "api-version=2025-04-01-preview"
    assert (entry["api_key"], entry["authorization"]) == (KEY, None)


@pytest.mark.parametrize("suffix", ["", "/openai", "/openai/"])
async def test_the_address_may_end_as_the_portal_shows_it_and_the_version_be_left_out(stage, suffix) -> None:
    model = azure(stage, "gpt")
    await stage.declare(model | {"base_url": model["base_url"] + suffix})
    assert (await stage.chat("azured")).status_code == 200
    assert asked(stage)["path"] == "/openai/deployments/gpt/chat/completions"
    assert asked(stage)["query"] == "api-version=2024-10-21"


async def test_a_stream_with_azures_first_event_is_relayed_and_measured(stage) -> None:
    await stage.declare(azure(stage, "gpt"))
    events = await stage.events("azured", stream_options={"include_usage": True})
    assert events[0]["choices"] == []
    assert stage.join(events) == FULL
    assert events[-2]["usage"]["completion_tokens"] == 10
    [row] = await stage.wait_for_rows(1)
    assert (row["completion_tokens"], row["is_estimated"]) == (10, False)
    assert row["first_token_seconds"] > 0


async def test_an_answer_that_azure_cuts_is_gone_on_with(stage) -> None:
    await stage.declare(
        azure(stage, "gpt?fault=cut&after=4"), stage.model("spare"), roles={"chat": ["azured", "spare"]}
    )
    assert await stage.text() == FULL


async def test_the_connection_test_shows_what_azure_says(stage) -> None:
    await stage.declare(azure(stage, "gpt"))
    good = (await stage.http.post("/api/v1/providers/test", json={"name": "azured"})).json()
    assert (good["ok"], good["served_models"]) == (True, ["real", "adapter"])
    model = azure(stage, "gpt")
    del model["api_key"]
    bad = (await stage.http.post("/api/v1/providers/test", json={"model": model | {"name": "keyless"}})).json()
    assert (bad["ok"], bad["code"]) == (False, "llm_key_refused")
    assert "missing subscription key" in bad["error"]


async def test_content_that_azure_filters_is_refused_as_such(stage) -> None:
    await stage.declare(azure(stage, "gpt?status=400&code=content_filter&message=filtered"))
    reply = await stage.chat("azured")
    assert (reply.status_code, reply.json()["error"]["code"]) == (400, "content_refused")


async def test_embeddings_of_a_deployment(stage) -> None:
    await stage.declare(azure(stage, "ada", capabilities=["embeddings"]))
    reply = await stage.http.post("/v1/embeddings", json={"model": "azured", "input": "one"})
    assert reply.json()["data"][0]["embedding"] == [1.0, 0.0]
    assert asked(stage)["path"] == "/openai/deployments/ada/embeddings"

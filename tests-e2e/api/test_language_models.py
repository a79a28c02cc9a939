"""Language models through the public API: declared, tried out, asked, paid for, limited."""

import anthropic
import httpx
import openai
import pytest


@pytest.fixture(scope="module")
def token(platform):
    """Signing in for each test would be refused as too many attempts."""
    return platform.sign_in()


@pytest.fixture
def admin(platform, token):
    """The signed-in administrator, who leaves the models as they were."""
    headers = {"Authorization": f"Bearer {token}"}
    with httpx.Client(base_url=platform.instance.url, headers=headers, timeout=60, trust_env=False) as client:
        yield client
        client.put("/api/v1/providers", json={"roles": {"chat": []}})
        client.put("/api/v1/budgets", json={"scope": "organisation", "limits": None})
        for model in client.get("/api/v1/providers").json()["models"]:
            if model["declared_in"] == "registry":
                client.delete(f"/api/v1/providers/{model['name']}")


def test_a_declared_model_answers_in_the_chat_is_accounted_and_limited(platform, admin, upstream, shop) -> None:
    broken = {"name": "broken", "base_url": upstream, "upstream_name": "b?fault=cut&after=3", "api_key": "key-123456"}
    steady = {"name": "steady", "base_url": upstream, "upstream_name": "steady", "price": {"completion": 1000}}
    reply = admin.put("/api/v1/providers", json={"models": [broken, steady], "roles": {"chat": ["broken", "steady"]}})
    assert reply.status_code == 200, reply.text
    assert "key-123456" not in reply.text
    tried = admin.post("/api/v1/providers/test", json={"name": "steady"}).json()
    assert (tried["ok"], tried["served_models"]) == (True, ["real", "adapter"])
    answer = platform.ask("How is a credit card charged?", repository_ids=[shop["id"]])
    assert answer["content"].startswith("word0 word1 word2 word3 word4")
    usage = admin.get("/api/v1/usage", params={"run_id": answer["run_id"], "group_by": "model"}).json()
    assert {item["group"]["model"] for item in usage["items"]} == {"broken", "steady"}
    assert (usage["total"]["requests"], usage["total"]["switches"]) == (1, 1)
    assert answer["run_id"] in admin.get("/api/v1/usage/export").text
    admin.put("/api/v1/budgets", json={"scope": "organisation", "limits": {"tokens_per_day": 1}})
    refused = platform.ask("How is a credit card charged?", repository_ids=[shop["id"]])
    assert refused["status"] != "complete"
    key = platform.client.headers["Authorization"].removeprefix("Bearer ")
    client = openai.OpenAI(base_url=f"{platform.instance.url.rstrip('/')}/v1", api_key=key, max_retries=0)
    with client, pytest.raises(openai.APIStatusError) as spent:
        client.chat.completions.create(model="steady", messages=[{"role": "user", "content": "Hello"}])
    assert (spent.value.status_code, spent.value.code) == (402, "budget_exceeded")
    assert admin.put("/api/v1/budgets", json={"scope": "organisation", "limits": None}).json() == {"items": []}


@pytest.mark.parametrize("fault", ["cut", "stall", "malformed"])
def test_the_next_model_goes_on_where_a_stream_fails_in_its_middle(platform, admin, upstream, fault) -> None:
    name = f"{fault}-in-mid-stream"
    broken = {"name": name, "base_url": upstream, "upstream_name": f"b?fault={fault}&after=3", "stall_seconds": 1}
    steady = {"name": "steady", "base_url": upstream, "upstream_name": "steady"}
    admin.put("/api/v1/providers", json={"models": [broken, steady], "roles": {"chat": [name, "steady"]}})
    key = platform.client.headers["Authorization"].removeprefix("Bearer ")
    hello = [{"role": "user", "content": "Hello"}]
    with openai.OpenAI(base_url=f"{platform.instance.url.rstrip('/')}/v1", api_key=key, max_retries=0) as client:
        events = client.chat.completions.create(model="default", messages=hello, stream=True)
        said = "".join(event.choices[0].delta.content or "" for event in events if event.choices)
    assert said == " ".join(f"word{number}" for number in range(10))
    used = admin.get("/api/v1/usage", params={"group_by": "model", "model": name}).json()["items"]
    assert [item["upstream_calls"] for item in used] == [1]


def test_what_is_left_of_a_limit_is_told_with_answers_and_refusals(platform, admin, upstream) -> None:
    admin.put("/api/v1/providers", json={"models": [{"name": "few", "base_url": upstream, "upstream_name": "few"}]})
    admin.put("/api/v1/budgets", json={"scope": "organisation", "limits": {"requests_per_minute": 1}})
    body = {"model": "few", "messages": [{"role": "user", "content": "Hello"}]}
    first, second = [platform.client.post("/v1/chat/completions", json=body) for _ in range(2)]
    assert (first.status_code, first.headers["X-RateLimit-Remaining-Requests"]) == (200, "0")
    assert (second.status_code, second.headers["X-RateLimit-Limit-Requests"]) == (429, "1")
    assert int(second.headers["Retry-After"]) > 0


def test_members_and_keys_change_nothing(platform) -> None:
    client = platform.client
    assert client.get("/api/v1/providers").status_code == 200
    for method, path, body in (
        ("PUT", "/api/v1/providers", {"roles": {"chat": ["extractive"]}}),
        ("POST", "/api/v1/providers/test", {"name": "extractive"}),
        ("PUT", "/api/v1/budgets", {"scope": "organisation", "limits": {}}),
        ("GET", "/api/v1/budgets", None),
        ("POST", "/api/v1/prompt-templates", {"name": "x", "user": "y"}),
        ("DELETE", "/api/v1/providers/x", None),
        ("DELETE", "/api/v1/answer-cache", None),
        ("GET", "/api/v1/prompt-log", None),
        ("GET", "/api/v1/prompt-log/policy", None),
        ("PUT", "/api/v1/prompt-log/policy", {"enabled": True}),
        ("DELETE", "/api/v1/prompt-log", None),
    ):
        assert client.request(method, path, json=body).status_code == 403, path


def test_the_breakers_of_models_are_listed(platform, admin, upstream) -> None:
    model = {"name": "watched", "base_url": upstream, "upstream_name": "watched"}
    admin.put("/api/v1/providers", json={"models": [model]})
    names = [item["name"] for item in platform.client.get("/api/v1/circuit-breakers").json()["items"]]
    assert any(name.endswith("/watched") for name in names)


def test_prompt_templates_are_filled_in(platform, admin) -> None:
    admin.post("/api/v1/prompt-templates", json={"name": "greet", "user": "Hello {{name}}"})
    rendered = platform.client.post("/api/v1/prompt-templates/greet/render", json={"variables": {"name": "Ann"}}).json()
    assert rendered["messages"][0]["content"] == "Hello Ann"


def test_questions_are_written_down_only_where_an_administrator_wants_it(platform, admin, shop) -> None:
    question = "How is a credit card charged? My key is sk-proj-abcdefgh12345678."
    before = platform.ask(question, repository_ids=[shop["id"]])
    assert admin.get("/api/v1/prompt-log").json()["items"] == []
    assert admin.put("/api/v1/prompt-log/policy", json={"enabled": True, "keep_days": 7}).json()["keep_days"] == 7
    after = platform.ask(question, repository_ids=[shop["id"]])
    assert admin.get("/api/v1/prompt-log", params={"run_id": before["run_id"]}).json()["items"] == []
    [logged] = admin.get("/api/v1/prompt-log", params={"run_id": after["run_id"]}).json()["items"]
    assert "My key is ***" in logged["messages"][-1]["content"]
    assert logged["answer"]
    assert admin.put("/api/v1/prompt-log/policy", json={"enabled": False}).json()["enabled"] is False
    assert admin.delete("/api/v1/prompt-log").json()["deleted"] >= 1


def test_kept_answers_can_be_forgotten(platform, admin, upstream) -> None:
    admin.put("/api/v1/providers", json={"models": [{"name": "kept", "base_url": upstream, "upstream_name": "kept"}]})
    body = {"model": "kept", "messages": [{"role": "user", "content": "Hello"}], "temperature": 0}
    replies = [platform.client.post("/v1/chat/completions", json=body) for _ in range(2)]
    assert [reply.headers.get("X-CodeMuse-Cache") for reply in replies] == [None, "exact"]
    assert admin.delete("/api/v1/answer-cache").json()["purged"] >= 1
    assert platform.client.post("/v1/chat/completions", json=body).headers.get("X-CodeMuse-Cache") is None


def test_stock_clients_ask_the_gateway_with_a_key_of_their_own(platform, admin, upstream) -> None:
    model = {"name": "stock", "base_url": upstream, "upstream_name": "stock"}
    admin.put("/api/v1/providers", json={"models": [model]})
    key = platform.client.headers["Authorization"].removeprefix("Bearer ")
    url = platform.instance.url.rstrip("/")
    hello = [{"role": "user", "content": "Hello"}]
    with openai.OpenAI(base_url=f"{url}/v1", api_key=key, max_retries=0) as client:
        assert "stock" in [listed.id for listed in client.models.list()]
        assert client.models.retrieve("stock").id == "stock"
        stream = client.chat.completions.create(model="stock", messages=hello, stream=True)
        assert "".join(event.choices[0].delta.content or "" for event in stream).endswith("word9")
        assert client.responses.create(model="stock", input="Hello").output_text.startswith("word0")
        assert len(client.embeddings.create(model="all-MiniLM-L6-v2", input="one").data[0].embedding) == 384
        with pytest.raises(openai.NotFoundError):
            client.chat.completions.create(model="ghost", messages=hello)
    with anthropic.Anthropic(base_url=url, api_key=key, max_retries=0) as client:
        assert client.messages.create(model="stock", max_tokens=9, messages=hello).content[0].text.startswith("word0")
    stranger = anthropic.Anthropic(base_url=url, api_key="cm_wrong", max_retries=0)
    with stranger, pytest.raises(anthropic.AuthenticationError):
        stranger.messages.create(model="stock", max_tokens=9, messages=hello)
    used = admin.get("/api/v1/usage", params={"group_by": "key", "model": "stock"}).json()
    assert all(item["group"]["key"] for item in used["items"])
    assert used["total"]["requests"] == 3

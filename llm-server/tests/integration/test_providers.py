"""Models and roles, declared while the service runs."""

import psycopg
import pytest
from llm_stage import Stage, serving

from codemuse.contracts.providers import caller_headers
from codemuse.testing import eventually
from llm_server.core.settings import Settings

ANN = caller_headers(organisation="acme", user="ann", role="admin")
BOB = caller_headers(organisation="acme", user="bob", role="member")
EVE = caller_headers(organisation="evil", user="eve", role="admin")


async def providers(stage, headers=ANN) -> dict:
    return (await stage.http.get("/api/v1/providers", headers=headers)).json()


async def test_a_key_is_never_returned_and_lies_encrypted(stage) -> None:
    await stage.declare(stage.model("keyed", api_key="sk-very-secret-1234567890"), headers=ANN)
    assert (await stage.chat("keyed", headers=BOB)).status_code == 200
    assert stage.upstream.asked("keyed")[-1]["authorization"] == "Bearer sk-very-secret-1234567890"
    shown = await providers(stage)
    assert "very-secret" not in str(shown)
    assert [model["has_key"] for model in shown["models"] if model["name"] == "keyed"] == [True]
    with psycopg.connect(stage.settings.database_url.get_secret_value()) as connection:
        stored = connection.execute("SELECT declaration::text, encrypted_key FROM llm.models").fetchone()
    assert "very-secret" not in stored[0]
    assert b"very-secret" not in stored[1]


async def test_a_key_is_rotated_without_a_restart_and_kept_when_not_given(stage) -> None:
    await stage.declare(stage.model("rotated", api_key="key-one-of-two"), headers=ANN)
    await stage.declare(stage.model("rotated", api_key="key-two-of-two"), headers=ANN)
    await stage.declare(stage.model("rotated", title="Renamed"), headers=ANN)
    await stage.chat("rotated", headers=ANN)
    assert stage.upstream.asked("rotated")[-1]["authorization"] == "Bearer key-two-of-two"


async def test_a_kept_key_is_not_sent_to_another_address(stage) -> None:
    await stage.declare(stage.model("moved", api_key="key-of-the-first-place"), headers=ANN)
    elsewhere = stage.model("moved") | {"base_url": "http://127.0.0.1:9/v1"}
    reply = await stage.http.put("/api/v1/providers", json={"models": [elsewhere]}, headers=ANN)
    assert reply.status_code == 422
    assert "again" in reply.json()["message"]


@pytest.mark.parametrize(
    "change",
    [
        {"base_url": "http://169.254.169.254/latest"},
        {"base_url": "http://metadata.google.internal/v1"},
        {"base_url": "http://user:word@models.example/v1"},
        {"base_url": "file:///etc/passwd"},
        {"api_key": "key\r\nX-Other: 1"},
        {"name": "../../budgets/x y"},
    ],
)
async def test_what_no_model_can_be_is_refused_without_repeating_the_key(stage, change) -> None:
    body = {"models": [stage.model("odd", api_key="key-that-stays-secret") | change]}
    reply = await stage.http.put("/api/v1/providers", json=body, headers=ANN)
    assert reply.status_code == 422
    assert "stays-secret" not in reply.text
    assert "X-Other" not in reply.text


async def test_models_belong_to_their_organisation(stage) -> None:
    await stage.declare(stage.model("ours"), headers=ANN)
    assert (await stage.chat("ours", headers=EVE)).status_code == 404
    assert "ours" not in [model["name"] for model in (await providers(stage, EVE))["models"]]
    assert (await stage.http.delete("/api/v1/providers/ours", headers=EVE)).status_code == 404
    assert (await stage.chat("ours", headers=BOB)).status_code == 200


async def test_members_see_names_but_neither_addresses_nor_may_they_change_anything(stage) -> None:
    await stage.declare(stage.model("seen"), headers=ANN)
    model = (await providers(stage, BOB))["models"][0]
    assert (model["name"], model["base_url"], model["upstream_name"]) == ("seen", "", "")
    for body in ({"models": [stage.model("more")]}, {"roles": {"chat": ["seen"]}}):
        assert (await stage.http.put("/api/v1/providers", json=body, headers=BOB)).status_code == 403


async def test_roles_lead_to_their_models_by_organisation_and_session(stage) -> None:
    await stage.declare(
        stage.model("big"), stage.model("small"), roles={"summary": ["small"], "chat": ["big"]}, headers=ANN
    )
    await stage.chat("summary", headers=BOB)
    assert len(stage.upstream.asked("small")) == 1
    mine = caller_headers(organisation="acme", user="bob", role="member", session="s1")
    body = {"roles": {"chat": ["small"]}, "session_id": "s1"}
    assert (await stage.http.put("/api/v1/providers", json=body, headers=mine)).status_code == 200
    seen = await providers(stage, mine)
    assert (seen["roles"]["chat"], seen["session_roles"]) == (["small"], {"chat": ["small"]})
    seen = await providers(stage, BOB)
    assert (seen["roles"]["chat"], seen["session_roles"]) == (["big"], {})
    before = len(stage.upstream.asked("small"))
    await stage.chat(headers=mine)
    assert len(stage.upstream.asked("small")) == before + 1
    others = caller_headers(organisation="acme", user="ann", role="member", session="s1")
    assert (await providers(stage, others))["roles"]["chat"] == ["big"]


async def test_what_was_chosen_for_a_session_is_taken_back_without_a_trace(stage) -> None:
    def stored() -> tuple[int, int]:
        with psycopg.connect(stage.settings.database_url.get_secret_value()) as connection:
            chains = connection.execute("SELECT count(*) FROM llm.role_chains WHERE session_id <> ''").fetchone()
            revision = connection.execute("SELECT number FROM llm.revision").fetchone()
        return chains[0], revision[0]

    await stage.declare(stage.model("big"), stage.model("small"), roles={"chat": ["big"]}, headers=ANN)
    chosen = {"roles": {"chat": ["small"], "summary": ["small"]}, "session_id": "s1"}
    assert (await stage.http.put("/api/v1/providers", json=chosen, headers=BOB)).status_code == 200
    chains, revision = stored()
    assert chains == 2
    nobody = {"roles": {"chat": [], "reasoning": [], "generation": [], "summary": []}, "session_id": "s1"}
    assert (await stage.http.put("/api/v1/providers", json=nobody, headers=BOB)).status_code == 200
    assert stored() == (0, revision + 1)
    await stage.http.put("/api/v1/providers", json=nobody, headers=BOB)
    assert stored() == (0, revision + 1)


async def test_a_model_that_keeps_failing_is_listed_as_not_answering(stage) -> None:
    await stage.declare(stage.model("ill?status=500", "ill"), stage.model("well"), headers=ANN)
    for _ in range(5):
        await stage.chat("ill", headers=BOB)
    answering = {model["name"]: model["is_answering"] for model in (await providers(stage, BOB))["models"]}
    assert answering["ill"] is False
    assert answering["well"] is answering["extractive"] is True


async def test_a_role_cannot_be_given_to_nobody_known(stage) -> None:
    reply = await stage.http.put("/api/v1/providers", json={"roles": {"chat": ["ghost"]}}, headers=ANN)
    assert (reply.status_code, reply.json()["error"]) == (422, "model_not_found")


async def test_a_deleted_model_is_gone(stage) -> None:
    await stage.declare(stage.model("brief"), headers=ANN)
    assert (await stage.http.delete("/api/v1/providers/brief", headers=ANN)).status_code == 204
    assert (await stage.chat("brief", headers=ANN)).status_code == 404


async def test_another_process_goes_by_a_change_within_moments(stage, settings) -> None:
    async with serving(settings) as url:
        other = Stage(url, settings, stage.upstream)
        await other.declare(other.model("news"), headers=ANN)
        await other.http.aclose()

    async def is_known() -> bool:
        return (await stage.chat("news", headers=ANN)).status_code == 200

    await eventually(is_known, seconds=3)


@pytest.mark.parametrize(
    ("script", "code", "words"),
    [
        ("status=401&message=Incorrect+API+key+provided", "llm_key_refused", "Incorrect API key provided"),
        ("status=404&message=The+model+does+not+exist", "llm_failed", "The model does not exist"),
        ("fault=html", "llm_failed", "not JSON"),
    ],
)
async def test_a_connection_test_shows_what_the_provider_says(stage, script, code, words) -> None:
    body = {"model": stage.model(f"try?{script}", "candidate")}
    result = (await stage.http.post("/api/v1/providers/test", json=body, headers=ANN)).json()
    assert (result["ok"], result["code"]) == (False, code)
    assert words in result["error"]


async def test_a_connection_test_shows_what_works(stage) -> None:
    await stage.declare(stage.model("fine"), headers=ANN)
    result = (await stage.http.post("/api/v1/providers/test", json={"name": "fine"}, headers=ANN)).json()
    assert (result["ok"], result["served_models"], result["reply"][:5]) == (True, ["real", "adapter"], "word0")
    assert (await stage.http.post("/api/v1/providers/test", json={"name": "fine"}, headers=BOB)).status_code == 403


def test_the_settings_name_models_in_order(settings) -> None:
    from llm_server.core.registry.catalogue import models_from_settings

    named = settings.model_copy(
        update={"llm_base_url": "http://x/v1", "llm_model": "a", "openai_api_key": "k", "anthropic_api_key": "k"}
    )
    assert [str(model) for model in models_from_settings(named)] == [
        "embedding-server",
        "The model server at x",
        "OpenAI",
        "Anthropic",
    ]
    with pytest.raises(SystemExit, match="LLM_MODEL"):
        models_from_settings(settings.model_copy(update={"llm_base_url": "http://x/v1"}))


def test_models_may_be_declared_as_json_in_the_environment(settings, monkeypatch) -> None:
    monkeypatch.setenv("LLM_MODELS", '[{"name": "local", "base_url": "http://localhost:11434/v1"}]')
    read = Settings(
        service_token=settings.service_token,
        database_url=settings.database_url,
        redis_url=settings.redis_url,
        _env_file=None,
    )
    assert [model.name for model in read.llm_models] == ["local"]

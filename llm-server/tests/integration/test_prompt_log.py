"""Prompts and answers are written down only where an administrator turned that on, and never with credentials in them."""

import json
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from codemuse.contracts.providers import caller_headers
from codemuse.testing import eventually

ANN = caller_headers(organisation="acme", user="ann", role="admin")
BOB = caller_headers(organisation="acme", user="bob", role="member", run="run-7")
EVE = caller_headers(organisation="evil", user="eve", role="admin")
SECRET = "sk-proj-abcdefgh12345678"


def entries(stage) -> int:
    with psycopg.connect(stage.settings.database_url.get_secret_value()) as connection:
        return connection.execute("SELECT count(*) FROM llm.prompt_log").fetchone()[0]


async def turn(stage, *, on: bool, headers=ANN, **more) -> dict:
    reply = await stage.http.put("/api/v1/prompt-log/policy", json={"enabled": on, **more}, headers=headers)
    assert reply.status_code == 200, reply.text
    return reply.json()


async def logged(stage, headers=ANN, **query) -> dict:
    reply = await stage.http.get("/api/v1/prompt-log", params=query, headers=headers)
    assert reply.status_code == 200, reply.text
    return reply.json()


async def test_nothing_is_written_down_unless_it_is_turned_on(stage, capfd) -> None:
    policy = (await stage.http.get("/api/v1/prompt-log/policy", headers=ANN)).json()
    assert (policy["enabled"], policy["changed_by"]) == (False, "")
    await stage.declare(stage.model("said", "said"), headers=ANN)
    unusual = "Wherefore art thou, lease of a run?"
    await stage.chat("said", headers=BOB, messages=[{"role": "user", "content": unusual}])
    await stage.text("said", headers=BOB, messages=[{"role": "user", "content": unusual}])
    await stage.wait_for_rows(2)
    assert (await logged(stage))["items"] == []
    assert entries(stage) == 0
    said = capfd.readouterr()
    assert "Wherefore" not in said.out + said.err


async def test_what_is_asked_and_answered_is_kept_without_its_secrets(stage) -> None:
    await stage.declare(stage.model("said?events=3", "said"), headers=ANN)
    assert (await turn(stage, on=True))["changed_by"] == "ann"
    question = [{"role": "user", "content": f"Why does {SECRET}\x00 not work?"}]
    reply = await stage.http.post(
        "/v1/chat/completions",
        content=json.dumps({"model": "said", "messages": question}),
        headers={**BOB, "Content-Type": "application/json"},
    )
    assert reply.status_code == 200, reply.text
    await stage.text("said", headers=BOB)
    items = (await logged(stage))["items"]
    assert [item["answer"] for item in items] == ["word0 word1 word2"] * 2
    [second, first] = items
    assert (first["user_id"], first["run_id"], first["model"], first["outcome"]) == ("bob", "run-7", "said", "ok")
    assert first["messages"][0]["content"].startswith("Why does ***\N{REPLACEMENT CHARACTER} not work?")
    assert second["messages"] == [{"role": "user", "content": "Hello"}]
    assert (await logged(stage, EVE))["items"] == []
    rows = await stage.wait_for_rows(2, organisation_id="acme")
    assert {item["id"] for item in items} == {row["call_id"] for row in rows}


async def test_broken_and_abandoned_answers_are_kept_as_far_as_they_came(stage) -> None:
    await stage.declare(
        stage.model("cut?fault=cut&after=3", "cut"), stage.model("long?events=900&delay=0.05", "long"), headers=ANN
    )
    await turn(stage, on=True)
    await stage.events("cut", headers=BOB)
    body = {"model": "long", "messages": [{"role": "user", "content": "Hello"}], "stream": True}
    async with stage.http.stream("POST", "/v1/chat/completions", json=body, headers=BOB) as reply:
        await anext(reply.aiter_lines())
    await eventually(lambda: entries(stage) == 2)
    left, cut = (await logged(stage))["items"]
    assert (cut["outcome"], cut["answer"]) == ("llm_interrupted", "word0 word1 word2")
    assert left["outcome"] == "cancelled"
    assert left["answer"].startswith("word0")


async def test_images_are_left_out_and_tool_calls_kept(stage) -> None:
    await stage.declare(stage.model("look?tools=1", "look"), headers=ANN)
    await turn(stage, on=True)
    image = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}
    content = [{"type": "text", "text": "What is this?"}, image]
    await stage.chat("look", headers=BOB, messages=[{"role": "user", "content": content}])
    await stage.events("look", headers=BOB)
    streamed, whole = (await logged(stage))["items"]
    assert whole["messages"][0]["content"] == "What is this?\n[image_url]"
    assert '"a.py"' in json.loads(whole["answer"])[0]["function"]["arguments"]
    assert streamed["answer"] == 'look{"path":"a.py"}'


async def test_the_log_ends_when_it_is_turned_off_and_can_be_cleared(stage) -> None:
    await turn(stage, on=True)
    for _ in range(3):
        await stage.chat(headers=BOB)
    page = await logged(stage, limit=2)
    assert len(page["items"]) == 2
    assert len((await logged(stage, before=page["next_before"]))["items"]) == 1
    assert len((await logged(stage, run_id="run-7"))["items"]) == 3
    await turn(stage, on=False)
    await stage.chat(headers=BOB)
    assert len((await logged(stage))["items"]) == 3
    assert (await stage.http.delete("/api/v1/prompt-log", headers=EVE)).json() == {"deleted": 0}
    assert (await stage.http.delete("/api/v1/prompt-log", headers=ANN)).json() == {"deleted": 3}


@pytest.mark.parametrize("turned_off", [False, True])
async def test_entries_are_forgotten_when_their_days_are_over(settings, fake_upstream, turned_off) -> None:
    from llm_stage import Stage, serving

    async with serving(settings) as url:
        stage = Stage(url, settings, fake_upstream)
        await turn(stage, on=True, keep_days=2)
        await stage.chat(headers=BOB)
        await stage.chat(headers=BOB)
        [newer, older] = (await logged(stage))["items"]
        with psycopg.connect(settings.database_url.get_secret_value()) as connection:
            past = datetime.now(UTC) - timedelta(days=3)
            connection.execute("UPDATE llm.prompt_log SET created_at = %s WHERE id = %s", (past, older["id"]))
        if turned_off:
            await turn(stage, on=False, keep_days=2)
        await stage.http.aclose()
    async with serving(settings) as url:
        stage = Stage(url, settings, fake_upstream)
        await eventually(lambda: entries(stage) == 1)
        assert [item["id"] for item in (await logged(stage))["items"]] == [newer["id"]]
        await stage.http.aclose()


@pytest.mark.parametrize(("method", "path"), [("GET", ""), ("DELETE", ""), ("GET", "/policy"), ("PUT", "/policy")])
async def test_only_administrators_come_near_it(stage, method: str, path: str) -> None:
    body = {"enabled": True} if method == "PUT" else None
    reply = await stage.http.request(method, f"/api/v1/prompt-log{path}", json=body, headers=BOB)
    assert reply.status_code == 403

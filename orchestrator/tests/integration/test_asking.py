"""Questions: streamed, verified, resumable, stoppable."""

import asyncio
import json

import httpx
import pytest


async def ask(client: httpx.AsyncClient, content: str = "Where is `main`?", **body) -> tuple[str, dict]:
    session = (await client.post("/api/v1/chat/sessions", json={})).json()
    path = f"/api/v1/chat/sessions/{session['id']}/messages"
    reply = await client.post(path, json={"content": content, **body}, params={"wait": True})
    assert reply.status_code == 202, reply.text
    return session["id"], reply.json()["answer"]


async def test_an_answer_cites_what_was_checked(stage) -> None:
    client = await stage.sign_in()
    repository = await stage.index(client)
    session_id, answer = await ask(client)
    assert (answer["status"], answer["content"]) == ("complete", "It is in `main` [1].")
    citation = answer["citations"][0]
    lines = (
        await client.get(f"/api/v1/repositories/{repository['id']}/files", params={"path": citation["path"]})
    ).json()
    assert citation["text"] in lines["text"]
    assert answer["verification"]["citations_ok"] == answer["verification"]["citations_checked"] == 1
    assert answer["verification"]["symbols_unknown"] == []
    assert answer["usage"] == {"prompt_tokens": 7, "completion_tokens": 3}
    session = (await client.get(f"/api/v1/chat/sessions/{session_id}")).json()
    assert session["title"] == "Where is `main`?"
    stored = (await client.get(f"/api/v1/chat/sessions/{session_id}/messages")).json()["items"]
    assert [message["role"] for message in stored] == ["user", "assistant"]
    assert stored[1]["content"] == answer["content"]


async def test_citations_of_nothing_are_dropped_and_unknown_names_are_told(stage) -> None:
    client = await stage.sign_in()
    await stage.index(client)
    stage.services.answer = ["See `no_such_function` [1] and [7]."]
    _, answer = await ask(client)
    assert answer["content"] == "See `no_such_function` [1] and."
    assert [citation["id"] for citation in answer["citations"]] == [1]
    assert answer["verification"]["citations_dropped"] == 1
    assert answer["verification"]["symbols_unknown"] == ["no_such_function"]


async def test_a_citation_whose_lines_moved_is_repaired_and_one_whose_text_is_gone_is_dropped(stage) -> None:
    client = await stage.sign_in()
    repository = await stage.index(client)
    stage.services.answer = ["Both [1][2]."]
    snapshot = stage.services.snapshots[repository["commit"]]
    snapshot["README.md"] = "changed entirely"
    snapshot["src/app.py"] = "import os\n\n" + snapshot["src/app.py"]
    _, answer = await ask(client)
    assert [(c["path"], c["start_line"], c["end_line"]) for c in answer["citations"]] == [("src/app.py", 3, 4)]
    assert answer["verification"]["citations_repaired"] == 1
    assert answer["verification"]["citations_dropped"] == 1


async def test_asking_before_anything_is_indexed_says_what_to_do(stage) -> None:
    client = await stage.sign_in()
    _, answer = await ask(client)
    assert (answer["status"], answer["error"]["error"]) == ("failed", "nothing_indexed")


async def test_follow_up_questions_carry_the_one_before(stage) -> None:
    client = await stage.sign_in()
    await stage.index(client)
    session_id, _ = await ask(client, "How does main work in the shop application?")
    path = f"/api/v1/chat/sessions/{session_id}/messages"
    reply = (await client.post(path, json={"content": "And why?"}, params={"wait": True})).json()
    run = (await client.get(f"/api/v1/runs/{reply['run']['id']}")).json()
    assert "How does main work" in run["steps"][0]["detail"]["queries"][0]


async def detail(client: httpx.AsyncClient, answer: dict, step: str) -> dict:
    run = (await client.get(f"/api/v1/runs/{answer['run_id']}")).json()
    return next(one["detail"] for one in run["steps"] if one["name"] == step)


async def test_a_question_is_asked_with_the_organisations_own_prompt_or_the_built_in_one(stage) -> None:
    client = await stage.sign_in()
    await stage.index(client)
    _, answer = await ask(client)
    assert (await detail(client, answer, "generate"))["prompt"] == "ask@0"
    assert stage.services.asked[-1]["messages"][0]["content"].startswith("You are CodeMuse")
    home = (await client.get("/api/v1/auth/me")).json()["organisation_id"]
    stage.services.declared |= {(home, "ask"), (home, "ask-short")}
    _, answer = await ask(client)
    assert (await detail(client, answer, "generate"))["prompt"] == "ask@3"
    [message] = stage.services.asked[-1]["messages"]
    assert message["content"].startswith("[ask@3] <source ")
    assert message["content"].endswith("Where is `main`?")
    for reference, used in (("ask-short", "ask-short@3"), ("ask-short@2", "ask-short@2"), ("ask@0", "ask@0")):
        _, answer = await ask(client, prompt=reference)
        assert (await detail(client, answer, "generate"))["prompt"] == used


async def test_a_prompt_that_there_is_not_is_told(stage) -> None:
    client = await stage.sign_in()
    await stage.index(client)
    for reference in ("ask-none", "ask@7"):
        _, answer = await ask(client, prompt=reference)
        assert (answer["status"], answer["error"]["error"]) == ("failed", "prompt_not_found")


async def test_a_long_conversation_is_sent_whole_within_limits(stage) -> None:
    client = await stage.sign_in()
    await stage.index(client)
    session_id, _ = await ask(client, "question number 0")
    path = f"/api/v1/chat/sessions/{session_id}/messages"
    for number in range(1, 6):
        await client.post(path, json={"content": f"question number {number}"}, params={"wait": True})
    body = stage.services.asked[-1]
    said = [message["content"] for message in body["messages"] if message["role"] == "user"]
    assert said[:-1] == [f"question number {number}" for number in range(5)]
    assert (body["truncation"], body["max_context_tokens"]) == ("auto", 12_000)


async def test_the_events_of_a_question_can_be_had_at_once_as_a_stream(stage) -> None:
    client = await stage.sign_in()
    await stage.index(client)
    session = (await client.post("/api/v1/chat/sessions", json={})).json()
    path = f"/api/v1/chat/sessions/{session['id']}/messages"
    reply = await client.post(path, json={"content": "Where?"}, headers={"Accept": "text/event-stream"})
    events = [json.loads(line.removeprefix("data: ")) for line in reply.text.splitlines() if line.startswith("data: ")]
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    assert "".join(event["text"] for event in events if event["type"] == "token") == "It is in `main` [1]."
    assert [event["type"] for event in events][-2:] == ["message", "done"]


async def test_a_stopped_answer_keeps_what_was_said(stage) -> None:
    client = await stage.sign_in()
    await stage.index(client)
    stage.services.answer_gate = asyncio.Event()
    session = (await client.post("/api/v1/chat/sessions", json={})).json()
    path = f"/api/v1/chat/sessions/{session['id']}/messages"
    accepted = (await client.post(path, json={"content": "Where?"})).json()
    busy = await client.post(path, json={"content": "And?"})
    assert (busy.status_code, busy.json()["error"]) == (409, "answer_in_progress")
    await asyncio.sleep(1.0)
    await client.post(f"/api/v1/runs/{accepted['run']['id']}/cancel")
    assert (await stage.finish(client, accepted["run"]["id"]))["status"] == "cancelled"
    stored = (await client.get(path)).json()["items"][1]
    assert (stored["status"], stored["content"]) == ("interrupted", "It is in `main` ")
    stage.services.answer_gate.set()
    assert (await client.post(path, json={"content": "Again?"}, params={"wait": True})).json()["answer"][
        "status"
    ] == "complete"


async def test_conversations_are_renamed_listed_and_deleted(stage) -> None:
    client = await stage.sign_in()
    repository = await stage.index(client)
    ids = [
        (
            await client.post(
                "/api/v1/chat/sessions", json={"title": f"Talk {n}", "repository_ids": [repository["id"]]}
            )
        ).json()["id"]
        for n in range(3)
    ]
    change = await client.patch(f"/api/v1/chat/sessions/{ids[0]}", json={"title": "Renamed", "repository_ids": []})
    assert (change.json()["title"], change.json()["repository_ids"]) == ("Renamed", [])
    first = (await client.get("/api/v1/chat/sessions", params={"limit": 2})).json()
    second = (await client.get("/api/v1/chat/sessions", params={"limit": 2, "cursor": first["next_cursor"]})).json()
    assert {item["id"] for item in first["items"] + second["items"]} == set(ids)
    assert (await client.delete(f"/api/v1/chat/sessions/{ids[0]}")).status_code == 204
    assert (await client.get(f"/api/v1/chat/sessions/{ids[0]}")).status_code == 404


async def test_the_models_chosen_for_a_conversation_are_forgotten_with_it(stage) -> None:
    client = await stage.sign_in()
    me = (await client.get("/api/v1/auth/me")).json()["id"]
    ids = [(await client.post("/api/v1/chat/sessions", json={})).json()["id"] for _ in range(2)]
    await client.delete(f"/api/v1/chat/sessions/{ids[0]}")
    nobody = {"chat": [], "reasoning": [], "generation": [], "summary": []}
    assert stage.services.chosen == [{"session_id": ids[0], "roles": nobody, "user": me}]
    refusal = httpx.Response(503, json={"error": "unavailable", "message": "Not now."})
    stage.services.failing["PUT /api/v1/providers"] = [refusal] * 5
    assert (await client.delete(f"/api/v1/chat/sessions/{ids[1]}")).status_code == 204


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({"content": "  \n "}, "empty_question"),
        ({"content": ""}, "invalid_input"),
        ({"content": "x" * 9000}, "invalid_input"),
        ({"content": "x", "repository_ids": ["*"]}, "invalid_input"),
        ({"content": "x", "repository_ids": ["0" * 32]}, "repository_not_found"),
        ({"content": "x", "workflow": "hack"}, "invalid_input"),
        ({"content": "x", "role": "system"}, "invalid_input"),
    ],
)
async def test_bad_questions_are_refused_with_a_code(stage, body, error) -> None:
    client = await stage.sign_in()
    session = (await client.post("/api/v1/chat/sessions", json={})).json()
    reply = await client.post(f"/api/v1/chat/sessions/{session['id']}/messages", json=body)
    assert reply.json()["error"] == error
    assert reply.status_code in {404, 422}


@pytest.mark.parametrize("cursor", ["not ours", "eHg", "-1"])
async def test_a_foreign_cursor_is_refused(stage, cursor) -> None:
    client = await stage.sign_in()
    session = (await client.post("/api/v1/chat/sessions", json={})).json()
    for path in ("/api/v1/chat/sessions", "/api/v1/runs", f"/api/v1/chat/sessions/{session['id']}/messages"):
        reply = await client.get(path, params={"cursor": cursor})
        assert (reply.status_code, reply.json()["error"]) == (422, "invalid_cursor"), path

"""Index runs: what is done, what is not done twice, and what happens when things break."""

import asyncio

import httpx
from sqlalchemy import select

from orchestrator.db.models import AuditEvent

AWAY = httpx.Response(503, json={"error": "unavailable", "message": "rag-server is away."})
BUG = httpx.Response(500, json={"error": "internal_error", "message": "Oh."})


async def test_an_archive_becomes_a_searchable_repository(stage) -> None:
    client = await stage.sign_in()
    repository = await stage.index(client)
    assert (repository["status"], repository["generation"], repository["file_count"]) == ("ready", 1, 2)
    assert repository["refined"] is True
    found = (await client.post("/api/v1/search", json={"query": "main"})).json()
    assert {hit["path"] for hit in found["results"]} == {"src/app.py", "README.md"}
    assert {hit["commit"] for hit in found["results"]} == {repository["commit"]}


async def test_the_same_commit_again_analyses_and_writes_nothing(stage) -> None:
    client = await stage.sign_in()
    await stage.index(client)
    before = stage.services.count("/analyse"), stage.services.count("/files")
    repository = await stage.index(client)
    assert (stage.services.count("/analyse"), stage.services.count("/files")) == before
    assert repository["generation"] == 2


async def test_after_an_upgrade_of_the_analyser_unchanged_files_are_read_again(stage) -> None:
    client = await stage.sign_in()
    await stage.index(client)
    stage.services.upgraded = True
    before = stage.services.count("/analyse")
    repository = await stage.index(client)
    assert stage.services.count("/analyse") == before + 1
    assert repository["file_count"] == 2


async def test_only_what_changed_is_analysed_and_what_vanished_is_closed(stage) -> None:
    client = await stage.sign_in()
    await stage.index(client)
    stage.services.files = {"src/app.py": "def main():\n    return 2"}
    repository = await stage.index(client)
    assert stage.services.chunks[repository["id"]]["README.md"] == []
    assert "return 2" in stage.services.chunks[repository["id"]]["src/app.py"][0]["text"]
    assert repository["file_count"] == 1
    tree = (await client.get(f"/api/v1/repositories/{repository['id']}/tree")).json()
    assert [item["path"] for item in tree["items"]] == ["src/app.py"]


async def test_files_are_written_while_others_are_still_analysed(stage) -> None:
    stage.services.files = {f"f{number:03}.py": f"x = {number}" for number in range(250)}
    client = await stage.sign_in()
    repository = await stage.index(client)
    analysed = [at for at, call in enumerate(stage.services.calls) if call.endswith("/analyse")]
    written = [at for at, call in enumerate(stage.services.calls) if call.endswith("/files")]
    assert written[0] < analysed[-1]
    assert repository["chunk_count"] == len(stage.services.chunks[repository["id"]]) == 250
    run = (await client.get("/api/v1/runs", params={"repository_id": repository["id"]})).json()["items"][0]
    steps = {step["name"]: step["detail"] for step in run["steps"]}
    assert steps["index"]["inserted"] == 250


async def test_files_are_analysed_to_the_end_while_the_index_is_away(stage) -> None:
    stage.services.files = {f"f{number:03}.py": f"x = {number}" for number in range(120)}
    client = await stage.sign_in()
    stage.services.failing["/files"] = [AWAY] * 3
    repository = await stage.index(client)
    events = await read_events(client, (await client.get("/api/v1/runs")).json()["items"][0]["id"])
    ended = next(
        at for at, event in enumerate(events) if event.get("name") == "analyse" and event["status"] != "running"
    )
    assert not any(event.get("status") == "waiting" for event in events[:ended])
    assert len(stage.services.chunks[repository["id"]]) == 120


async def test_documents_are_asked_for_again_while_a_language_model_has_more_to_write(stage) -> None:
    more = {"rendered": 1, "unchanged": 0, "summaries_written": 2, "summaries_pending": 3, "summaries_stopped": "time"}
    last = more | {"summaries_written": 3, "summaries_pending": 0, "summaries_stopped": None}
    stage.services.failing["/documents/generate"] = [httpx.Response(200, json=more), httpx.Response(200, json=last)]
    client = await stage.sign_in()
    reply = await client.post("/api/v1/repositories", files={"archive": ("a", b"x")}, data={"name": "shop"})
    run = await stage.finish(client, reply.json()["run"]["id"])
    step = next(step for step in run["steps"] if step["name"] == "document")
    assert (step["status"], step["detail"]["summaries_written"]) == ("succeeded", 5)
    assert stage.services.count("/documents/generate") == 2


async def test_files_that_cannot_be_read_are_set_aside_and_the_rest_goes_on(stage) -> None:
    stage.services.files["bad.py"] = "\x00"
    stage.services.files["logo.png"] = "png"
    stage.services.quarantined["bad.py"] = "undecodable"
    stage.services.skipped["logo.png"] = "binary"
    client = await stage.sign_in()
    reply = await client.post("/api/v1/repositories", files={"archive": ("a", b"x")}, data={"name": "shop"})
    run = await stage.finish(client, reply.json()["run"]["id"])
    assert run["status"] == "succeeded_with_warnings"
    assert run["progress"] == {"analysed": 4, "done": 4, "total": 4, "failed": 1}
    ledger = (await client.get(f"/api/v1/runs/{run['id']}/files", params={"limit": 2})).json()
    assert [(row["path"], row["state"], row["reason"]) for row in ledger["items"]] == [
        ("README.md", "indexed", None),
        ("bad.py", "quarantined", "undecodable"),
    ]
    rest = (await client.get(f"/api/v1/runs/{run['id']}/files", params={"cursor": ledger["next_cursor"]})).json()
    assert [row["path"] for row in rest["items"]] == ["logo.png", "src/app.py"]
    only = (await client.get(f"/api/v1/runs/{run['id']}/files", params={"state": "quarantined"})).json()
    assert [row["path"] for row in only["items"]] == ["bad.py"]


async def test_an_empty_repository_fails_with_a_reason(stage) -> None:
    stage.services.files = {}
    client = await stage.sign_in()
    reply = await client.post("/api/v1/repositories", files={"archive": ("a", b"x")}, data={"name": "shop"})
    run = await stage.finish(client, reply.json()["run"]["id"])
    assert (run["status"], run["error"]["error"]) == ("failed", "empty_repository")
    assert run["steps"][0]["status"] == "failed"
    repository = (await client.get(f"/api/v1/repositories/{reply.json()['repository']['id']}")).json()
    assert (repository["status"], repository["last_error"]["error"]) == ("failed", "empty_repository")


async def test_a_service_that_is_away_makes_the_run_wait_and_then_go_on(stage) -> None:
    client = await stage.sign_in()
    stage.services.failing["/files"] = [AWAY] * 3
    reply = await client.post("/api/v1/repositories", files={"archive": ("a", b"x")}, data={"name": "shop"})
    run = await stage.finish(client, reply.json()["run"]["id"])
    assert run["status"] == "succeeded"
    events = await read_events(client, run["id"])
    assert any(event["type"] == "status" and event.get("status") == "waiting" for event in events)


async def test_a_failure_of_ours_is_tried_again_and_then_told(stage) -> None:
    client = await stage.sign_in()
    stage.services.failing["/manifest"] = [BUG]
    repository = await stage.index(client)
    assert repository["status"] == "ready"


async def test_cancelling_removes_what_was_written_and_keeps_the_old_index(stage) -> None:
    client = await stage.sign_in()
    before = await stage.index(client)
    stage.services.files["new.py"] = "x = 1"
    stage.services.failing["/files"] = [AWAY] * 1000
    reply = await client.post(f"/api/v1/repositories/{before['id']}/index", files={"archive": ("b", b"y")})
    run_id = reply.json()["run"]["id"]
    await asyncio.sleep(0.5)
    assert (await client.post(f"/api/v1/runs/{run_id}/cancel")).status_code == 202
    run = await stage.finish(client, run_id)
    assert run["status"] == "cancelled"
    assert any(call.startswith("DELETE") and "/generations/2" in call for call in stage.services.calls)
    after = (await client.get(f"/api/v1/repositories/{before['id']}")).json()
    assert (after["generation"], after["commit"], after["status"]) == (1, before["commit"], "ready")
    assert (await client.post(f"/api/v1/runs/{run_id}/cancel")).json()["run"]["status"] == "cancelled"


async def test_events_are_numbered_without_gaps_and_can_be_resumed(stage) -> None:
    client = await stage.sign_in()
    repository = await stage.index(client)
    run_id = (await client.get("/api/v1/runs", params={"repository_id": repository["id"]})).json()["items"][0]["id"]
    everything = await read_events(client, run_id)
    assert [event["seq"] for event in everything] == list(range(1, len(everything) + 1))
    assert everything[-1]["type"] == "done"
    assert await read_events(client, run_id, after=5) == everything[5:]


async def test_a_url_is_mirrored_named_after_itself_and_not_added_twice(stage) -> None:
    client = await stage.sign_in()
    body = {"url": "https://git.example.com/team/shop.git"}
    first = (await client.post("/api/v1/repositories", json=body)).json()
    assert first["repository"]["name"] == "shop"
    await stage.finish(client, first["run"]["id"])
    second = (await client.post("/api/v1/repositories", json=body)).json()
    assert second["repository"]["id"] == first["repository"]["id"]
    await stage.finish(client, second["run"]["id"])
    other = (await client.post("/api/v1/repositories", json={**body, "ref": "v1"})).json()
    assert other["repository"]["name"] == "shop-2"
    again = await client.post(f"/api/v1/repositories/{first['repository']['id']}/index", json={"ref": "main"})
    assert again.status_code == 202


async def test_a_refused_url_is_refused_at_once(stage) -> None:
    client = await stage.sign_in()
    refusal = httpx.Response(422, json={"error": "url_not_allowed", "message": "Only https."})
    stage.services.failing["/sources/check"] = [refusal]
    reply = await client.post("/api/v1/repositories", json={"url": "file:///etc/passwd"})
    assert (reply.status_code, reply.json()["error"]) == (422, "url_not_allowed")
    assert (await client.get("/api/v1/repositories")).json()["items"] == []
    secret = await client.post("/api/v1/repositories", json={"url": "https://me:hunter2@git.example.com/x.git"})
    assert (secret.status_code, secret.json()["error"]) == (422, "credentials_in_url")
    async with stage.worker.platform.sessions() as session:
        events = (await session.scalars(select(AuditEvent).where(AuditEvent.action == "add_repository"))).all()
    assert [(event.outcome, event.detail) for event in events] == [
        ("refused", {"code": "url_not_allowed"}),
        ("refused", {"code": "credentials_in_url"}),
    ]


async def test_the_same_key_gives_the_same_run_and_another_body_is_refused(stage) -> None:
    client = await stage.sign_in()
    headers = {"Idempotency-Key": "build-17"}

    async def post(content: bytes):
        return await client.post(
            "/api/v1/repositories", files={"archive": ("a", content)}, data={"name": "shop"}, headers=headers
        )

    first, second = await post(b"x"), await post(b"x")
    assert first.json()["run"]["id"] == second.json()["run"]["id"]
    other = await post(b"y")
    assert (other.status_code, other.json()["error"]) == (422, "idempotency_key_reused")


async def test_the_same_upload_while_it_is_being_indexed_joins_the_run_under_way(stage) -> None:
    client = await stage.sign_in()
    stage.queue.down = True

    async def post(content: bytes) -> str:
        reply = await client.post("/api/v1/repositories", files={"archive": ("a", content)}, data={"name": "shop"})
        return reply.json()["run"]["id"]

    first, same, other = await post(b"x"), await post(b"x"), await post(b"y")
    assert first == same != other
    stage.queue.down = False
    assert (await stage.finish(client, first))["status"] == "succeeded"
    assert (await stage.finish(client, other))["status"] == "succeeded"


async def test_a_name_belongs_to_one_kind_of_source(stage) -> None:
    client = await stage.sign_in()
    await client.post("/api/v1/repositories", json={"url": "https://git.example.com/shop.git"})
    reply = await client.post("/api/v1/repositories", files={"archive": ("a", b"x")}, data={"name": "shop"})
    assert (reply.status_code, reply.json()["error"]) == (409, "name_taken")
    same = await client.post("/api/v1/repositories", json={"url": "https://git.example.com/b.git", "name": "shop"})
    assert (same.status_code, same.json()["error"]) == (409, "name_taken")


async def test_an_archive_is_not_indexed_again_without_a_new_one(stage) -> None:
    client = await stage.sign_in()
    repository = await stage.index(client)
    reply = await client.post(f"/api/v1/repositories/{repository['id']}/index", json={})
    assert (reply.status_code, reply.json()["error"]) == (409, "archive_required")


async def test_uploads_with_wrong_parts_are_refused(stage) -> None:
    client = await stage.sign_in()

    async def code(**parts) -> tuple[int, str]:
        reply = await client.post("/api/v1/repositories", **parts)
        return reply.status_code, reply.json()["error"]

    archive = {"archive": ("a", b"x")}
    assert await code(files={"other": ("a", b"x")}, data={"name": "n"}) == (422, "unknown_field")
    assert await code(files={"name": (None, b"n")}) == (422, "archive_missing")
    assert await code(files=archive) == (422, "name_missing")
    assert await code(files=archive, data={"name": "n" * 300}) == (422, "field_too_long")
    assert await code(files=archive, data={"name": "a\r\nb"}) == (422, "control_characters")
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    assert await code(content=b"--y\r\nnonsense", headers=headers) in [
        (400, "invalid_multipart"),
        (422, "archive_missing"),
    ]
    assert await code(json={"url": "https://x/y", "is_public": True}) == (422, "invalid_input")
    assert await code(content=b"{", headers={"Content-Type": "application/json"}) == (422, "invalid_input")


async def test_too_many_runs_are_told_to_wait(open_stage) -> None:
    async with open_stage(maximum_active_runs=1) as stage:
        stage.queue.down = True
        client = await stage.sign_in()
        assert (
            await client.post("/api/v1/repositories", json={"url": "https://git.example.com/a.git"})
        ).status_code == 202
        reply = await client.post("/api/v1/repositories", json={"url": "https://git.example.com/b.git"})
        assert (reply.status_code, reply.json()["error"]) == (429, "too_many_runs")
        assert int(reply.headers["retry-after"]) > 0


async def test_deleting_hides_at_once_and_removes_everything(stage) -> None:
    client = await stage.sign_in()
    repository = await stage.index(client)
    run = (await client.delete(f"/api/v1/repositories/{repository['id']}")).json()["run"]
    assert (await client.get(f"/api/v1/repositories/{repository['id']}")).status_code == 404
    assert (await stage.finish(client, run["id"]))["status"] == "succeeded"
    assert stage.services.chunks == {}
    assert (await client.get("/api/v1/repositories")).json()["items"] == []
    assert (await stage.index(client))["generation"] == 1


async def read_events(client: httpx.AsyncClient, run_id: str, after: int = 0) -> list[dict]:
    import json

    text = (await client.get(f"/api/v1/runs/{run_id}/events", params={"after": after})).text
    return [json.loads(line.removeprefix("data: ")) for line in text.splitlines() if line.startswith("data: ")]

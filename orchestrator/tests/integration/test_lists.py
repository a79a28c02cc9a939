"""Runs and documents as lists: filtered, paged, with the ownership of their repositories."""

import pytest

from orchestrator.core.celery_app import BULK, INTERACTIVE, CeleryTaskQueue, create_celery


async def test_runs_are_filtered_and_paged(stage) -> None:
    client = await stage.sign_in()
    for name in ("one", "two", "three"):
        await stage.index(client, name)
    first = (await client.get("/api/v1/runs", params={"limit": 2, "kind": "index"})).json()
    second = (await client.get("/api/v1/runs", params={"limit": 2, "cursor": first["next_cursor"]})).json()
    assert [run["title"] for run in first["items"] + second["items"]] == ["three", "two", "one"]
    assert (await client.get("/api/v1/runs", params={"status": "failed"})).json()["items"] == []
    page = (await client.get("/api/v1/repositories", params={"limit": 2})).json()
    rest = (await client.get("/api/v1/repositories", params={"limit": 2, "cursor": page["next_cursor"]})).json()
    assert [item["name"] for item in page["items"] + rest["items"]] == ["three", "two", "one"]


async def test_documents_and_facts_come_from_the_published_commit(stage) -> None:
    client = await stage.sign_in()
    repository = await stage.index(client)
    stage.services.documents["d1"] = {
        "id": "d1", "repository_id": repository["id"], "title": "Shop", "kind": "overview", "path": "/", "content": "# Shop",
        "created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z",
    }  # fmt: skip
    generated = await client.post("/api/v1/documents/generate", json={"repository_id": repository["id"]})
    assert generated.json()["rendered"] == 1
    listed = (await client.get("/api/v1/documents", params={"repository_id": repository["id"]})).json()["items"]
    assert [document["title"] for document in listed] == ["Shop"]
    assert (await client.put("/api/v1/documents/d1", json={"title": "Ours"})).status_code == 200
    restored = await client.post("/api/v1/documents/d1/restore", json={"revision": 1})
    assert restored.json()["metadata"]["author"] == "Administrator"
    settled = await client.post("/api/v1/documents/d1/resolve", json={"section": "about", "keep": "edit"})
    assert settled.status_code == 200
    assert (await client.get("/api/v1/documents/d1/history")).json()["items"][0]["revision"] == 1
    assert (await client.get("/api/v1/documents/d1/history/1")).json()["content"] == "# S"
    assert (await client.get("/api/v1/documents/d1/diff", params={"from": 1, "to": 2})).json()["lines"] == []
    assert (await client.delete("/api/v1/documents/d1")).status_code == 204
    for what in ("graph", "symbols", "problems", "problems.sarif", "packages", "history", "coverage", "tests"):
        assert (await client.get(f"/api/v1/repositories/{repository['id']}/{what}")).status_code == 200, what


async def test_an_export_is_a_file_of_a_repository_that_the_caller_may_read(stage) -> None:
    client = await stage.sign_in()
    repository = await stage.index(client)
    params = {"repository_id": repository["id"], "format": "site", "language": "ko"}
    exported = await client.get("/api/v1/documents/export", params=params)
    assert exported.text == f"{repository['id']} site ko"
    assert exported.headers["content-disposition"] == 'attachment; filename="site.zip"'
    stranger = await stage.add_user("eve@example.com")
    assert (await stranger.get("/api/v1/documents/export", params=params)).status_code == 404


async def test_calls_go_to_the_queue_of_their_kind(redis_server: str) -> None:
    from redis.asyncio import Redis

    celery = create_celery(redis_server)
    queue = CeleryTaskQueue(celery, frozenset({"index"}))
    async with Redis.from_url(redis_server) as redis:
        await redis.flushall()
        await queue.send("run1", "index")
        await queue.send("run2", "ask")
        await queue.send("run3", "ask")
        assert (await redis.llen(BULK), await redis.llen(INTERACTIVE)) == (1, 2)
    celery.close()


@pytest.mark.parametrize("address", ["/api/v1/repositories/{}/problems", "/api/v1/documents?repository_id={}"])
async def test_facts_that_a_caller_has_already_are_not_sent_again(stage, address) -> None:
    client = await stage.sign_in()
    path = address.format((await stage.index(client))["id"])
    first = await client.get(path)
    again = await client.get(path, headers={"If-None-Match": f"W/{first.headers['ETag']}"})
    other = await client.get(path, headers={"If-None-Match": '"something else"'})

    assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", first.headers["ETag"])
    assert (other.status_code, other.json()) == (200, first.json())


async def test_reports_of_a_job_are_handed_on_as_they_were_sent(stage) -> None:
    client = await stage.sign_in()
    repository = await stage.index(client)
    for kind, report in (("coverage", b'{"files": {}}'), ("tests", b"<testsuite/>")):
        path = f"/api/v1/repositories/{repository['id']}/{kind}"
        headers = {"Content-Type": "application/json"}
        accepted = await client.post(path, params={"commit": "abc"}, content=report, headers=headers)
        assert (accepted.status_code, accepted.json()["commit"]) == (200, "abc")
        assert stage.services.reports[kind] == report
        assert (await client.post(path, params={"commit": "a b"}, content=report)).status_code == 422

"""Backups, restores and new indexes: who may, what is done, what is said when it cannot be done."""

import asyncio
import json
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from sqlalchemy import text

from codemuse.clients.upkeep import UpkeepClient
from codemuse.testing import eventually
from orchestrator.core.operators import find_home
from orchestrator.db.models import Run, RunStep
from orchestrator.features.upkeep.schedule import UpkeepSchedule

PATHS = {"src/app.py", "README.md"}


@pytest.fixture
async def admin(stage):
    return await stage.sign_in()


async def start(client, path, status=202):
    reply = await client.post(f"/api/v1{path}")
    assert reply.status_code == status, reply.text
    return reply.json()["run"]["id"] if status == 202 else reply.json()


async def do(stage, client, path):
    return await stage.finish(client, await start(client, path))


def step(run, name):
    return next(item for item in run["steps"] if item["name"] == name)


async def test_the_index_is_made_anew_from_postgres_and_the_mirrors(stage, admin) -> None:
    shop, blog = await stage.index(admin, "shop"), await stage.index(admin, "blog")
    stage.services.index.current.clear()
    run = await do(stage, admin, "/index/rebuild")
    assert run["status"] == "succeeded", run
    held = stage.services.index.current
    assert {name: set(held[name]) for name in (shop["id"], blog["id"])} == {shop["id"]: PATHS, blog["id"]: PATHS}
    assert step(run, "repositories")["detail"]["done"] == 2
    assert (await admin.get("/api/v1/index")).json()["chunk_count"] == 4


async def progress(client, run_id):
    """What the run's events say of each step: chunks done and chunks in all."""
    said, name = {}, ""
    text = (await client.get(f"/api/v1/runs/{run_id}/events")).text
    for event in (json.loads(line[6:]) for line in text.splitlines() if line.startswith("data: ")):
        name = event["name"] if event["type"] == "step" else name
        if event["type"] == "progress":
            said.setdefault(name, []).append((event["done"], event["total"]))
    return said


@pytest.mark.parametrize("is_lost", [False, True])
async def test_a_rebuild_says_how_many_chunks_of_all_it_has(stage, admin, is_lost) -> None:
    await stage.index(admin, "shop"), await stage.index(admin, "blog")
    if is_lost:
        stage.services.index.current.clear()
    run = await do(stage, admin, "/index/rebuild")
    said = (await progress(admin, run["id"]))["repositories"]
    assert {total for _, total in said} == {4}
    assert said == sorted(said)
    assert (said[0][0], said[-1][0]) == (0, 4)
    assert (step(run, "repositories")["detail"]["chunks"], step(run, "repositories")["detail"]["chunks_total"]) == (
        4,
        4,
    )


async def test_a_rebuild_says_how_many_chunks_it_has_refined(stage, admin) -> None:
    await stage.index(admin)
    stage.services.unrefined = 3
    stage.services.failing["/refine"] = [httpx.Response(200, json={"refined": 2, "remaining": 1})]
    run_id = await start(admin, "/index/rebuild")

    async def refined():
        return step((await admin.get(f"/api/v1/runs/{run_id}")).json(), "refine")["detail"]

    await eventually(refined, seconds=10)
    assert await refined() == {"refined": 2, "remaining": 1}
    stage.services.unrefined = 0
    await stage.finish(admin, run_id)
    said = await progress(admin, run_id)
    assert (said["refine"][0], said["settle"]) == ((2, 3), [(0, 0)])


async def test_a_backup_says_how_many_chunks_it_copies(stage, admin) -> None:
    await stage.index(admin)
    run = await do(stage, admin, "/backups")
    assert (await progress(admin, run["id"]))["copy"] == [(0, 2), (2, 2)]


async def test_every_version_that_is_kept_is_in_the_new_index(stage, admin) -> None:
    shop = await stage.index(admin)
    stage.services.files = {"src/app.py": "def main(): changed", "new.py": "new"}
    await stage.index(admin)
    calls = len(stage.services.calls)
    await do(stage, admin, "/index/rebuild")
    written = [call for call in stage.services.calls[calls:] if call.endswith("/files")]
    assert [call.split("/")[-2] for call in written] == ["1", "2"]
    assert stage.services.index.current[shop["id"]] == {"src/app.py": 2, "new.py": 2}


async def test_runs_of_parts_are_listed_only_when_asked_for(stage, admin) -> None:
    await stage.index(admin)
    await do(stage, admin, "/index/rebuild")
    kinds = [run["kind"] for run in (await admin.get("/api/v1/runs")).json()["items"]]
    assert kinds == ["rebuild", "index"]
    parts = (await admin.get("/api/v1/runs", params={"kind": "reindex"})).json()["items"]
    assert [(part["title"], part["status"]) for part in parts] == [("shop", "succeeded")]


@pytest.mark.parametrize("first", ["/index/rebuild", "/backups", "/backups/{backup}/restore"])
async def test_only_one_at_a_time_whatever_it_is(stage, admin, first) -> None:
    await stage.index(admin)
    backup = step(await do(stage, admin, "/backups"), "copy")["detail"]["backup"]
    engine, stage.queue.engine = stage.queue.engine, None
    run_id = await start(admin, first.format(backup=backup))
    for path in ("/index/rebuild", "/backups", f"/backups/{backup}/restore"):
        refused = await start(admin, path, 409)
        assert (refused["error"], refused["details"]["run"]) == ("upkeep_under_way", run_id)
        assert run_id in refused["message"]
    stage.queue.engine = engine
    assert (await stage.finish(admin, run_id))["status"] == "succeeded"


async def test_a_restore_brings_the_index_back_and_up_to_date(stage, admin) -> None:
    shop, blog = await stage.index(admin, "shop"), await stage.index(admin, "blog")
    backup = step(await do(stage, admin, "/backups"), "copy")["detail"]["backup"]
    stage.services.files = {"src/app.py": "def main(): after the backup", "new.py": "new"}
    await stage.index(admin, "shop")
    gone = {"organisation_id": "elsewhere", "repository_id": "unknown"}
    stage.services.index.foreign.append(gone)
    stage.services.index.backups[backup]["held"]["unknown"] = {"x.py": 1}
    stage.services.index.current.clear()
    run = await do(stage, admin, f"/backups/{backup}/restore")
    assert run["status"] == "succeeded", run
    assert stage.services.index.current == {
        shop["id"]: {"src/app.py": 2, "new.py": 2},
        blog["id"]: {"src/app.py": 1, "README.md": 1},
    }
    report = step(run, "swap")["detail"]
    assert report == {"rewritten": 1, "missing": 0, "differing": 0, "dropped": 1}


async def test_what_has_no_source_any_more_is_reported(stage, admin) -> None:
    await stage.index(admin)
    backup = step(await do(stage, admin, "/backups"), "copy")["detail"]["backup"]
    stage.services.files = {"new.py": "new"}
    await stage.index(admin, "shop")
    stage.services.snapshots.clear()
    run = await do(stage, admin, f"/backups/{backup}/restore")
    assert run["status"] == "succeeded_with_warnings"
    assert step(run, "swap")["detail"] == {"rewritten": 0, "missing": 1, "differing": 1, "dropped": 0}


@pytest.mark.parametrize("broken", ["begin", "write"])
async def test_a_failure_leaves_the_index_as_it_was(stage, admin, broken) -> None:
    await stage.index(admin)
    before = dict(stage.services.index.current)
    refusal = httpx.Response(422, json={"error": "backup_refused", "message": "The backup is damaged."})
    backup = step(await do(stage, admin, "/backups"), "copy")["detail"]["backup"]
    run_id = None
    if broken == "begin":
        engine, stage.queue.engine = stage.queue.engine, None
        run_id = await start(admin, f"/backups/{backup}/restore")
        stage.services.failing[f"PUT /api/v1/index/builds/{run_id}"] = [refusal]
        stage.queue.engine = engine
    else:
        stage.services.failing["/generations/1/files"] = [refusal]
        run_id = await start(admin, "/index/rebuild")
    run = await stage.finish(admin, run_id)
    assert (run["status"], stage.services.index.swaps) == ("failed", 0)
    assert "damaged" in run["error"]["message"]
    assert stage.services.index.build is None
    assert stage.services.index.current == before


async def test_a_cancelled_rebuild_gives_its_build_up(stage, admin) -> None:
    await stage.index(admin)
    stage.services.failing["/generations/1/files"] = [
        httpx.Response(503, json={"error": "busy", "message": "Later."}) for _ in range(30)
    ]
    run_id = await start(admin, "/index/rebuild")
    await eventually(lambda: stage.services.index.build is not None)
    await admin.post(f"/api/v1/runs/{run_id}/cancel")
    run = await stage.finish(admin, run_id)
    assert (run["status"], stage.services.index.build) == ("cancelled", None)
    parts = (await admin.get("/api/v1/runs", params={"kind": "reindex"})).json()["items"]
    for part in parts:
        assert (await stage.finish(admin, part["id"]))["status"] in {"cancelled", "failed"}


async def test_a_build_that_nobody_ends_any_more_does_not_stand_in_the_way(stage, admin) -> None:
    await stage.index(admin)
    stage.services.index.build = {"id": "forgotten", "collection": "x", "backup": "", "pending": []}
    assert (await do(stage, admin, "/index/rebuild"))["status"] == "succeeded"


async def test_a_rebuild_survives_its_worker(stage, admin) -> None:
    await stage.index(admin)
    run_id = await start(admin, "/index/rebuild")
    await eventually(lambda: stage.services.index.build is not None)
    async with stage.worker.platform.sessions.begin() as session:
        await session.execute(
            text(
                "UPDATE gateway.runs SET lease_owner = 'dead', lease_until = now() - interval '1 second' WHERE finished_at IS NULL"
            )
        )
    assert (await stage.finish(admin, run_id))["status"] == "succeeded"
    assert stage.services.index.swaps == 1


async def test_an_indexing_run_waits_until_its_repository_is_copied(stage, admin) -> None:
    shop = await stage.index(admin)
    gate = [httpx.Response(503, json={"error": "busy", "message": "Later."}) for _ in range(2)]
    stage.services.failing["/generations/1/files"] = gate
    run_id = await start(admin, "/index/rebuild")
    await eventually(lambda: len(gate) < 2)
    stage.services.files = {"later.py": "later"}
    await stage.index(admin)
    assert (await stage.finish(admin, run_id))["status"] == "succeeded"
    assert (await admin.get(f"/api/v1/repositories/{shop['id']}")).json()["generation"] == 2


async def test_other_models_begin_a_rebuild_by_themselves(open_stage) -> None:
    async with open_stage(upkeep_seconds=0.1) as stage:
        admin = await stage.sign_in()
        await stage.index(admin)
        stage.services.index.state = "outdated"
        await eventually(lambda: stage.services.index.swaps == 1, seconds=10)
        await asyncio.sleep(0.5)
        runs = (await admin.get("/api/v1/runs", params={"kind": "rebuild"})).json()["items"]
        assert [run["status"] for run in runs] == ["succeeded"]
        assert step(await stage.finish(admin, runs[0]["id"]), "refine")["status"] == "skipped"


async def test_a_lost_index_is_made_anew_by_itself(open_stage) -> None:
    async with open_stage(upkeep_seconds=0.1) as stage:
        admin = await stage.sign_in()
        await asyncio.sleep(0.3)
        shop = await stage.index(admin)
        await asyncio.sleep(0.3)
        assert (await admin.get("/api/v1/runs", params={"kind": "rebuild"})).json()["items"] == []
        stage.services.index.current.clear()
        await eventually(lambda: stage.services.index.swaps == 1, seconds=10)
        assert set(stage.services.index.current[shop["id"]]) == PATHS
        (run,) = (await admin.get("/api/v1/runs", params={"kind": "rebuild"})).json()["items"]
        assert step(await stage.finish(admin, run["id"]), "refine")["status"] == "skipped"


@pytest.fixture
def rebuilding(stage):
    """A rebuild that another worker is busy with."""

    @asynccontextmanager
    async def rebuild(reason, swapped_at=None):
        later = datetime.now(UTC) + timedelta(hours=1)
        sessions = stage.worker.platform.sessions
        async with sessions.begin() as session:
            home = await find_home(session)
            lease = {"status": "running", "deadline_at": later, "lease_owner": "another", "lease_until": later}
            run = Run(organisation_id=home, user_id=None, kind="rebuild", input={"reason": reason}, **lease)
            session.add(run)
            await session.flush()
            session.add(RunStep(run_id=run.id, position=3, name="swap", status="running", finished_at=swapped_at))
        try:
            yield
        finally:
            async with sessions.begin() as session:
                await session.delete(run)

    return rebuild


async def test_what_a_lost_index_does_not_find_is_not_said_to_be_missing(stage, admin, rebuilding) -> None:
    await stage.index(admin)
    stage.services.chunks.clear()
    question = {"query": "main"}
    assert (await admin.post("/api/v1/search", json=question)).json()["results"] == []
    async with rebuilding("asked"):
        assert (await admin.post("/api/v1/search", json=question)).json()["results"] == []
    async with rebuilding("index_lost"):
        for path, body in (("search", question), ("context", {"queries": ["main"]})):
            refused = await admin.post(f"/api/v1/{path}", json=body)
            assert (refused.status_code, refused.json()["error"]) == (503, "index_lost")
            assert "Retry-After" in refused.headers
    async with rebuilding("index_lost", swapped_at=datetime.now(UTC)):
        assert (await admin.post("/api/v1/search", json=question)).json()["results"] == []
    assert (await admin.post("/api/v1/search", json=question)).json()["results"] == []


async def back_up_by_hand(stage, admin):
    """As soon as none is under way by itself."""
    while (reply := await admin.post("/api/v1/backups")).status_code == 409:
        await asyncio.sleep(0.05)
    return step(await stage.finish(admin, reply.json()["run"]["id"]), "copy")["detail"]["backup"]


async def test_backups_are_made_on_a_schedule_and_old_ones_make_room(open_stage) -> None:
    async with open_stage(upkeep_seconds=0.1, backup_every_hours=0.0002, backups_kept=2) as stage:
        admin = await stage.sign_in()
        by_hand = await back_up_by_hand(stage, admin)
        await eventually(
            lambda: sum("/backups/" in call and "DELETE" in call for call in stage.services.calls) > 1, seconds=15
        )
        page = (await admin.get("/api/v1/backups")).json()
        assert by_hand in {item["id"] for item in page["items"]}
        assert sum(item["origin"] == "schedule" for item in page["items"]) in {2, 3}
        assert (page["schedule"]["kept"], page["schedule"]["every_hours"]) == (2, 0.0002)
        assert page["schedule"]["next_at"]


async def test_a_backup_that_is_due_waits_for_the_rebuild(stage, admin, rebuilding) -> None:
    services, relay = stage.worker.platform.services, stage.worker.platform.relay
    due = {"backup_every": timedelta(hours=1), "look_every": timedelta(hours=1)}
    schedule = UpkeepSchedule(stage.worker.platform.sessions, UpkeepClient(services.rag.service), relay, **due)

    async def backups():
        return (await admin.get("/api/v1/runs", params={"kind": "backup"})).json()["items"]

    async with rebuilding("asked"):
        await schedule.look()
        assert await backups() == []
    await schedule.look()
    (begun,) = await backups()
    assert (await stage.finish(admin, begun["id"]))["status"] == "succeeded"


async def test_backups_are_listed_and_deleted(stage, admin) -> None:
    backup = step(await do(stage, admin, "/backups"), "copy")["detail"]["backup"]
    page = (await admin.get("/api/v1/backups")).json()
    assert ([item["id"] for item in page["items"]], page["schedule"]["next_at"]) == ([backup], None)
    assert (await admin.delete(f"/api/v1/backups/{backup}")).status_code == 200
    for method, path in [("DELETE", ""), ("POST", "/restore")]:
        missing = await admin.request(method, f"/api/v1/backups/{backup}{path}")
        assert (missing.status_code, missing.json()["error"]) == (404, "backup_not_found")


@pytest.mark.parametrize("code", ["disk_full", "index_damaged"])
async def test_what_waiting_does_not_mend_ends_the_backup_with_its_reason(stage, admin, code) -> None:
    refusal = httpx.Response(503, json={"error": code, "message": "It cannot be copied."})
    stage.services.failing["POST /api/v1/backups"] = [refusal] * 3
    run = await do(stage, admin, "/backups")
    assert (run["status"], run["error"]["error"]) == ("failed", code)


async def test_only_administrators_of_the_installation_may(stage, admin) -> None:
    stranger = await stage.add_user("eve@example.com")
    body = {"email": "mo@example.com", "password": "a quite good password", "name": "Mo", "role": "member"}
    assert (await admin.post("/api/v1/users", json=body)).status_code == 201
    member = await stage.sign_in("mo@example.com", "a quite good password")
    key = (await admin.post("/api/v1/api-keys", json={"name": "ci", "scopes": ["index"]})).json()["key"]
    robot = await stage.sign_in()
    robot.headers["Authorization"] = f"Bearer {key}"
    named = [("DELETE", "/backups/x"), ("POST", "/backups/x/restore")]
    other = [("GET", "/index"), ("POST", "/index/rebuild"), ("GET", "/backups"), ("POST", "/backups")]
    for client, code in ((stranger, "operator_required"), (member, "admin_required"), (robot, "admin_required")):
        for method, path in [*other, *(named if client is not stranger else ())]:
            reply = await client.request(method, f"/api/v1{path}")
            assert (reply.status_code, reply.json()["error"]) == (403, code), path
    for method, path in named:
        reply = await stranger.request(method, f"/api/v1{path}")
        assert (reply.status_code, reply.json()["error"]) == (404, "backup_not_found")

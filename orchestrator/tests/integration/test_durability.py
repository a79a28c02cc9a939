"""Runs survive: lost messages, double deliveries, dead workers, a broker that is away."""

import asyncio
from datetime import timedelta

from sqlalchemy import func, select, text

from codemuse.contracts.runs import EventType
from orchestrator.core.runs.engine import LeasedWriter
from orchestrator.core.runs.store import LeaseLostError, RunStore
from orchestrator.db.models import Outbox, Run, RunStep

LEASE = timedelta(seconds=10)


async def accept(stage, client, name: str = "shop") -> str:
    reply = await client.post("/api/v1/repositories", files={"archive": ("a", name)}, data={"name": name})
    return reply.json()["run"]["id"]


async def test_accepted_while_the_broker_is_down_and_done_when_it_is_back(stage) -> None:
    client = await stage.sign_in()
    stage.queue.down = True
    run_ids = [await accept(stage, client, f"shop-{n}") for n in range(5)]
    await asyncio.sleep(0.3)
    stage.queue.down = False
    for run_id in run_ids:
        assert (await stage.finish(client, run_id))["status"] == "succeeded"


async def test_a_message_that_was_lost_is_sent_again(stage) -> None:
    client = await stage.sign_in()
    engine, stage.queue.engine = stage.queue.engine, None
    run_id = await accept(stage, client)
    await asyncio.sleep(0.3)
    stage.queue.engine = engine
    assert (await stage.finish(client, run_id))["status"] == "succeeded"


async def test_many_deliveries_are_one_execution(stage) -> None:
    client = await stage.sign_in()
    stage.queue.down = True
    run_id = await accept(stage, client)
    for _ in range(6):
        await asyncio.gather(*(stage.worker.engine.advance(run_id) for _ in range(5)))
    stage.queue.down = False
    assert (await stage.finish(client, run_id))["status"] == "succeeded"
    assert stage.services.count("POST /api/v1/snapshots") == 1
    assert stage.services.count("/analyse") == 1


async def test_a_run_whose_worker_died_goes_on_from_where_it_was(stage) -> None:
    client = await stage.sign_in()
    sessions = stage.worker.platform.sessions
    stage.queue.down = True
    run_id = await accept(stage, client)
    await stage.worker.engine.advance(run_id)
    async with sessions.begin() as session:
        run = await RunStore(session).acquire(run_id, "a worker that dies", timedelta(seconds=0.3))
        assert run is not None
        await RunStore(session).set_step(run_id, "analyse", status="running", attempt=1)
    stage.queue.down = False
    finished = await stage.finish(client, run_id)
    assert finished["status"] == "succeeded"
    assert stage.services.count("POST /api/v1/snapshots") == 1
    assert next(step for step in finished["steps"] if step["name"] == "analyse")["attempt"] == 2


async def test_whoever_lost_the_lease_writes_nothing(stage) -> None:
    client = await stage.sign_in()
    stage.queue.down = True
    run_id = await accept(stage, client)
    platform = stage.worker.platform
    async with platform.sessions.begin() as session:
        assert await RunStore(session).acquire(run_id, "first", timedelta(seconds=-1)) is not None
        assert await RunStore(session).acquire(run_id, "second", LEASE) is not None
        assert await RunStore(session).acquire(run_id, "third", LEASE) is None
    late = LeasedWriter(platform.sessions, platform.announcer, run_id, "first")
    for attempt in (late.emit(EventType.TOKEN, text="late"), _renew(platform.sessions, run_id, "first")):
        try:
            await attempt
        except LeaseLostError:
            continue
        raise AssertionError("a lost lease was not noticed")


async def test_a_step_that_fails_every_time_ends_the_run(stage) -> None:
    client = await stage.sign_in()
    stage.queue.down = True
    run_id = await accept(stage, client)
    async with stage.worker.platform.sessions.begin() as session:
        await RunStore(session).set_step(run_id, "snapshot", attempt=5, status="running")
    stage.queue.down = False
    run = await stage.finish(client, run_id)
    assert (run["status"], run["error"]["error"]) == ("failed", "step_crashed")


async def test_a_run_past_its_deadline_ends(stage) -> None:
    client = await stage.sign_in()
    stage.queue.down = True
    run_id = await accept(stage, client)
    async with stage.worker.platform.sessions.begin() as session:
        await session.execute(text("UPDATE gateway.runs SET deadline_at = now() - interval '1 second'"))
    stage.queue.down = False
    run = await stage.finish(client, run_id)
    assert run["error"]["error"] == "deadline_exceeded"


async def test_a_worker_that_goes_down_hands_its_run_over(stage) -> None:
    client = await stage.sign_in()
    await stage.index(client)
    stage.services.answer_gate = asyncio.Event()
    conversation = (await client.post("/api/v1/chat/sessions", json={})).json()
    path = f"/api/v1/chat/sessions/{conversation['id']}/messages"
    run_id = (await client.post(path, json={"content": "Where?"})).json()["run"]["id"]
    await asyncio.sleep(0.8)
    stage.worker.engine.stop()
    await asyncio.sleep(0.4)
    async with stage.worker.platform.sessions() as session:
        run = await session.get(Run, run_id)
        assert (run.lease_owner, run.finished_at) == (None, None)
        steps = (
            await session.scalars(select(RunStep).where(RunStep.run_id == run_id, RunStep.name == "generate"))
        ).one()
        assert steps.status == "running"
    stage.services.answer_gate.set()
    stage.worker.engine._stopping.clear()
    assert (await stage.finish(client, run_id))["status"] == "succeeded"
    text_of_last = (await client.get(path)).json()["items"][1]["content"]
    assert text_of_last == "It is in `main` [1]."


async def test_runs_of_one_repository_take_turns(stage) -> None:
    client = await stage.sign_in()
    stage.queue.down = True
    first = await accept(stage, client)
    reply = await client.post("/api/v1/repositories", files={"archive": ("b", b"other")}, data={"name": "shop"})
    second = reply.json()["run"]["id"]
    await stage.worker.engine.advance(second)
    assert (await client.get(f"/api/v1/runs/{second}")).json()["status"] == "queued"
    stage.queue.down = False
    for run_id in (first, second):
        assert (await stage.finish(client, run_id))["status"] == "succeeded"
    repository = (await client.get("/api/v1/repositories")).json()["items"][0]
    assert repository["generation"] == 2


async def generation_of(client) -> int:
    return (await client.get("/api/v1/repositories")).json()["items"][0]["generation"]


async def until_generation(client, generation: int) -> None:
    async with asyncio.timeout(10):
        while await generation_of(client) < generation:
            await asyncio.sleep(0.02)


async def test_a_newer_commit_does_not_wait_until_the_one_before_is_refined(stage) -> None:
    client = await stage.sign_in()
    stage.services.unrefined = 1
    first = await accept(stage, client)
    await until_generation(client, 1)
    stage.services.files = {"src/app.py": "def main():\n    return 2"}
    reply = await client.post("/api/v1/repositories", files={"archive": ("b", b"other")}, data={"name": "shop"})
    await until_generation(client, 2)
    assert (await stage.finish(client, first))["status"] == "succeeded"
    assert not (await client.get("/api/v1/repositories")).json()["items"][0]["refined"]
    stage.services.unrefined = 0
    assert (await stage.finish(client, reply.json()["run"]["id"]))["status"] == "succeeded"
    assert (await client.get("/api/v1/repositories")).json()["items"][0]["refined"]


async def test_refining_goes_on_where_the_newer_commit_cannot_be_indexed(stage) -> None:
    client = await stage.sign_in()
    stage.services.unrefined = 1
    first = await accept(stage, client)
    await until_generation(client, 1)
    stage.services.files = {}
    reply = await client.post("/api/v1/repositories", files={"archive": ("b", b"other")}, data={"name": "shop"})
    assert (await stage.finish(client, reply.json()["run"]["id"]))["status"] == "failed"
    stage.services.unrefined = 0
    assert (await stage.finish(client, first))["status"] == "succeeded"
    assert (await client.get("/api/v1/repositories")).json()["items"][0]["refined"]


async def test_cleaning_up_is_repeated_until_it_works(stage) -> None:
    import httpx

    client = await stage.sign_in()
    stage.services.failing["/files"] = [httpx.Response(422, json={"error": "invalid_input", "message": "No."})]
    stage.services.failing["/generations/1"] = [
        httpx.Response(503, json={"error": "unavailable", "message": "Away."})
    ] * 3
    run_id = await accept(stage, client)
    async with asyncio.timeout(20):
        while not (await client.get(f"/api/v1/runs/{run_id}")).json()["finished_at"]:
            async with stage.worker.platform.sessions.begin() as session:
                await session.execute(text("UPDATE gateway.outbox SET due_at = now()"))
            await asyncio.sleep(0.1)
    run = (await client.get(f"/api/v1/runs/{run_id}")).json()
    assert (run["status"], run["error"]["error"]) == ("failed", "invalid_input")
    async with stage.worker.platform.sessions() as session:
        assert await session.scalar(select(func.count()).select_from(Outbox).where(Outbox.run_id == run_id)) == 0


async def _renew(sessions, run_id: str, owner: str) -> None:
    async with sessions.begin() as session:
        await RunStore(session).renew(run_id, owner, LEASE)

"""Things die while runs are under way (``make faults``). The process manager brings them back; nothing that was accepted is lost."""

import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
import redis as redis_client
from dotenv import dotenv_values

pytestmark = pytest.mark.timeout(400)

FILES = 300
"""Enough for a run of some seconds."""


def project(seed: str, count: int = FILES) -> dict[str, str]:
    """Files whose texts nobody embedded before."""
    return {
        f"pkg/module_{number}.py": "\n\n".join(
            f'def compute_{seed}_{number}_{part}(value):\n    """Compute part {part} of {seed} in module {number}."""\n    return value * {part}'
            for part in range(12)
        )
        for number in range(count)
    }


def kill(platform, process: str, sent: signal.Signals = signal.SIGKILL) -> None:
    os.kill(int(platform.instance.layout.pid_file(process).read_text()), sent)


def redis_of(platform) -> redis_client.Redis:
    layout = platform.instance.layout
    password = dotenv_values(layout.secrets)["REDIS_PASSWORD"]
    return redis_client.Redis(port=layout.redis_port, password=password)


def start(platform, archive_of, name: str, count: int = FILES) -> str:
    reply = platform.post_archive(name, archive_of(project(name, count)))
    assert reply.status_code == 202, reply.text
    return reply.json()["run"]["id"]


def wait_for_step(platform, run_id: str, step: str, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        run = platform.client.get(f"/api/v1/runs/{run_id}").json()
        states = {item["name"]: item["status"] for item in run["steps"]}
        if states[step] != "pending" or run["finished_at"]:
            return
        time.sleep(0.02)
    raise AssertionError(f"step {step} did not begin")


def chunks_of(platform, run_id: str) -> tuple[int, int]:
    """Chunks as the gateway counted them, and as many as the index holds."""
    run = platform.client.get(f"/api/v1/runs/{run_id}").json()
    repository = platform.client.get(f"/api/v1/repositories/{run['repository_id']}").json()
    layout = platform.instance.layout
    token = dotenv_values(layout.secrets)["SERVICE_TOKEN"]
    body = platform.client.get("/api/v1/auth/me").json()
    reply = httpx.get(
        f"http://127.0.0.1:{layout.rag_port}/api/v1/repositories/{repository['id']}",
        params={"organisation_id": body["organisation_id"], "generation": repository["generation"]},
        headers={"Authorization": f"Bearer {token}"},
    )
    return repository["chunk_count"], reply.json()["chunk_count"]


@pytest.mark.parametrize("step", ["analyse", "index"])
@pytest.mark.parametrize("process", ["worker", "rag-server", "docgen-server"])
def test_a_process_killed_in_the_middle_of_a_run_costs_nothing(platform, archive_of, process, step) -> None:
    name = f"killed-{process.split('-')[0]}-{step}"
    run_id = start(platform, archive_of, name)
    wait_for_step(platform, run_id, step)
    kill(platform, process)
    run = platform.wait(run_id, 180)
    assert run["status"] == "succeeded", run
    counted, held = chunks_of(platform, run_id)
    assert counted == held > 0
    embedded = next(item for item in run["steps"] if item["name"] == "index")["detail"]["embedded"]
    assert embedded <= 1.1 * counted
    found = platform.search(f"compute_{name.replace('-', '_')}", repository_ids=[run["repository_id"]], limit=3)
    assert found


def test_a_flushed_redis_loses_no_run(platform, archive_of) -> None:
    runs = [start(platform, archive_of, f"flushed-{number}", 10) for number in range(15)]
    redis_of(platform).flushall()
    assert {platform.wait(run_id, 240)["status"] for run_id in runs} == {"succeeded"}


def test_requests_while_redis_is_dead_are_kept_or_refused_and_never_hang(platform, archive_of) -> None:
    kill(platform, "redis")

    def post(number: int) -> tuple[float, httpx.Response]:
        began = time.monotonic()
        reply = platform.post_archive(f"redisless-{number}", archive_of(project(f"redisless{number}", 3)))
        return time.monotonic() - began, reply

    with ThreadPoolExecutor(4) as pool:
        replies = list(pool.map(post, range(12)))
    assert {reply.status_code for _, reply in replies} <= {202, 503}
    assert max(seconds for seconds, _ in replies) < 10
    accepted = [reply.json()["run"]["id"] for _, reply in replies if reply.status_code == 202]
    assert {platform.wait(run_id, 180)["status"] for run_id in accepted} <= {"succeeded"}


def test_everything_killed_at_once_comes_back_and_finishes(platform, archive_of) -> None:
    run_id = start(platform, archive_of, "rebooted")
    wait_for_step(platform, run_id, "index")
    for process in (
        "worker",
        "gateway",
        "docgen-server",
        "rag-server",
        "embedding-server",
        "llm-server",
        "redis",
        "postgres",
    ):
        kill(platform, process)
    wait_until_healthy(platform)
    assert platform.wait(run_id, 180)["status"] == "succeeded"
    counted, held = chunks_of(platform, run_id)
    assert counted == held


def test_an_answer_survives_the_worker_that_was_writing_it(platform, archive_of, shop) -> None:
    session = platform.client.post("/api/v1/chat/sessions", json={}).json()
    path = f"/api/v1/chat/sessions/{session['id']}/messages"
    run_id = platform.client.post(path, json={"content": "How is a credit card charged?"}).json()["run"]["id"]
    kill(platform, "worker")
    run = platform.wait(run_id, 90)
    answer = platform.client.get(path).json()["items"][1]
    assert (run["status"], answer["status"]) == ("succeeded", "complete")
    assert answer["verification"]["citations_ok"] == answer["verification"]["citations_checked"] > 0


def test_readers_see_the_old_generation_until_the_new_one_is_published(platform, archive_of) -> None:
    platform.wait(start(platform, archive_of, "versions", 60), 120)
    repository = next(
        item for item in platform.client.get("/api/v1/repositories").json()["items"] if item["name"] == "versions"
    )
    old = set(hits(platform, repository["id"]))
    files = {path: text.replace("Compute part", "Derive piece") for path, text in project("versions", 60).items()}
    reply = platform.post_archive("versions", archive_of(files))
    run_id = reply.json()["run"]["id"]
    while True:
        seen = set(hits(platform, repository["id"]))
        published = (
            platform.client.get(f"/api/v1/repositories/{repository['id']}").json()["generation"]
            > repository["generation"]
        )
        assert seen == old or all("Derive piece" in text for text in seen), "a mixture of generations"
        if published and seen != old:
            break
    assert platform.wait(run_id, 120)["status"] == "succeeded"


def test_a_cancelled_run_leaves_nothing_and_can_be_repeated(platform, archive_of) -> None:
    run_id = start(platform, archive_of, "cancelled")
    wait_for_step(platform, run_id, "index")
    platform.client.post(f"/api/v1/runs/{run_id}/cancel")
    run = platform.wait(run_id, 60)
    if run["status"] == "cancelled":
        assert platform.search("compute cancelled", repository_ids=[run["repository_id"]]) == []
    again = start(platform, archive_of, "cancelled")
    assert platform.wait(again, 120)["status"] == "succeeded"


def hits(platform, repository_id: str) -> list[str]:
    return [hit["text"] for hit in platform.search("compute part", repository_ids=[repository_id], limit=20)]


def wait_until_healthy(platform, seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            if platform.client.get("/api/v1/health").json()["status"] == "ok":
                return
        except (httpx.HTTPError, ValueError):
            pass
        time.sleep(0.2)
    raise AssertionError("not healthy again")

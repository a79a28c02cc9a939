"""The whole platform through its public API: how soon searchable, how fast searched, how soon answered."""

import asyncio
import json
import math
import statistics
import time
from collections.abc import Callable
from typing import Any

import aiohttp
import httpx

from benchmarks.corpora import celery_archive, identifiers, pack, package_files
from benchmarks.report import Report
from benchmarks.services import bearer
from codemuse.native.layout import Layout
from codemuse.native.temporary import Instance

_CLIENTS = 16
_RATE_SECONDS = 10
_TARGET_RATE = 100


def measure_platform(instance: Instance, report: Report) -> None:
    """Fill in the platform's figures."""
    client = instance.client
    files = package_files(500)
    _measure_indexing(client, report, files)
    questions = identifiers(files, 2000)
    _wait_until_refined(client)
    _wait_until_compacted(instance.layout)
    _measure_search(client, report, questions[:300])
    _measure_rate(client, report, questions[300:])
    _measure_first_token(client, report, questions[:20])


def _measure_indexing(client: httpx.Client, report: Report, files: list[Any]) -> None:
    searchable = index(client, "five-hundred", pack(files))
    report.add("archive of 500 files searchable after", searchable, "s", limit=3)
    _wait_until_refined(client)
    archive = celery_archive()
    if archive is None:
        report.skip("celery searchable after", "set CELERY_GIT to a clone of celery")
        archive = pack(package_files(823), salt="second corpus")
        report.add("archive of 823 files searchable after", index(client, "celery", archive), "s", limit=6)
    else:
        report.add("celery (823 files) searchable after", index(client, "celery", archive), "s", limit=6)
    _wait_until_refined(client)
    began = time.perf_counter()
    embedded = _run(client, "celery", archive)["embedded"]
    report.add("second POST of the same commit, whole run", time.perf_counter() - began, "s", limit=2)
    report.add("  texts embedded by it", embedded, "", limit=0)


def index(client: httpx.Client, name: str, archive: bytes) -> float:
    """Seconds until an archive is searchable."""
    began = time.perf_counter()
    await_searchable(client, _post(client, name, archive))
    return time.perf_counter() - began


def await_searchable(client: httpx.Client, accepted: dict[str, Any]) -> None:
    """Follow the run as the web app does, until it has published; then ask until something is found."""
    with client.stream("GET", f"/api/v1/runs/{accepted['run']['id']}/events") as stream:
        lines = (line.removeprefix("data:") for line in stream.iter_lines() if line.startswith("data:"))
        for event in map(json.loads, lines):
            if event["type"] in {"error", "done"}:
                raise SystemExit(f"The run has not published: {event}")
            if event["type"] == "step" and (event["name"], event["status"]) == ("publish", "succeeded"):
                break
    body = {"query": "import", "repository_ids": [accepted["repository"]["id"]], "limit": 1}
    while not client.post("/api/v1/search", json=body).raise_for_status().json()["results"]:
        time.sleep(0.02)


def _run(client: httpx.Client, name: str, archive: bytes) -> dict[str, Any]:
    """Index to the very end; what the ``index`` step did."""
    run_id = _post(client, name, archive)["run"]["id"]
    while True:
        run = client.get(f"/api/v1/runs/{run_id}").json()
        if run["finished_at"]:
            step = next(step for step in run["steps"] if step["name"] == "index")
            return {"embedded": 0, **step["detail"]}
        time.sleep(0.02)


def _post(client: httpx.Client, name: str, archive: bytes) -> dict[str, Any]:
    files = {"archive": (f"{name}.tar.gz", archive)}
    accepted: dict[str, Any] = (
        client.post("/api/v1/repositories", files=files, data={"name": name}).raise_for_status().json()
    )
    return accepted


def _wait_until_refined(client: httpx.Client) -> None:
    while client.get("/api/v1/runs", params={"kind": "index", "limit": 1}).json()["items"][0]["finished_at"] is None:
        time.sleep(0.2)


def _wait_until_compacted(layout: Layout) -> None:
    headers = bearer(layout)
    while True:
        metrics = httpx.get(f"http://127.0.0.1:{layout.rag_port}/metrics", headers=headers, trust_env=False).text
        if "codemuse_rag_compaction_due 0.0" in metrics:
            return
        time.sleep(0.5)


def _measure_search(client: httpx.Client, report: Report, questions: list[str]) -> None:
    for question in questions[:30]:
        client.post("/api/v1/search", json={"query": question})
    times = [_timed(lambda question=question: _search(client, question)) for question in questions[30:]]
    report.add("search through the gateway, 1 client, p50", _percentile(times, 50) * 1000, "ms", limit=25)
    report.add("  p95", _percentile(times, 95) * 1000, "ms", limit=60)
    raw = [_timed(lambda: client.get("/healthz")) for _ in range(200)]
    report.note("  (the same client asking /healthz, p50)", _percentile(raw, 50) * 1000, "ms")


def _measure_rate(client: httpx.Client, report: Report, questions: list[str]) -> None:
    times, errors, rate = asyncio.run(_load(str(client.base_url), client.headers["Authorization"], questions))
    report.add(
        f"search, {_CLIENTS} clients, distinct queries: rate held",
        rate,
        "/s",
        limit=0.98 * _TARGET_RATE,
        more_is_better=True,
    )
    report.add("  errors", errors, "", limit=0)
    report.note("  p95 from the moment it was due", _percentile(times, 95) * 1000, "ms")


async def _load(url: str, authorization: str, questions: list[str]) -> tuple[list[float], int, float]:
    """Requests leave at a fixed rate (open loop), so that a slow answer does not slow the load down."""
    times: list[float] = []
    errors = 0
    begin = time.perf_counter() + 0.2
    total = _TARGET_RATE * _RATE_SECONDS

    async def work(number: int) -> None:
        nonlocal errors
        async with aiohttp.ClientSession(url, headers={"Authorization": authorization}) as session:
            for index in range(number, total, _CLIENTS):
                due = begin + index / _TARGET_RATE
                await asyncio.sleep(max(0.0, due - time.perf_counter()))
                body = {"query": questions[index % len(questions)]}
                async with session.post("/api/v1/search", json=body) as reply:
                    await reply.read()
                    errors += reply.status != 200
                times.append(time.perf_counter() - due)

    await asyncio.gather(*(work(number) for number in range(_CLIENTS)))
    return times, errors, len(times) / (time.perf_counter() - begin)


def _measure_first_token(client: httpx.Client, report: Report, questions: list[str]) -> None:
    times = []
    for question in questions:
        session = client.post("/api/v1/chat/sessions", json={}).json()["id"]
        path = f"/api/v1/chat/sessions/{session}/messages"
        began = time.perf_counter()
        with client.stream(
            "POST", path, json={"content": f"What does {question} do?"}, headers={"Accept": "text/event-stream"}
        ) as stream:
            first = None
            for line in stream.iter_lines():
                is_token = line.startswith("data:") and json.loads(line.removeprefix("data:"))["type"] == "token"
                if is_token and first is None:
                    first = time.perf_counter() - began
            times.append(first if first is not None else math.inf)
    report.add("question to first token (extractive), p50", _percentile(times, 50) * 1000, "ms", limit=250)


def _search(client: httpx.Client, question: str) -> None:
    client.post("/api/v1/search", json={"query": question}).raise_for_status()


def _timed(work: Callable[[], Any]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _percentile(values: list[float], percent: int) -> float:
    return statistics.quantiles(values, n=100, method="inclusive")[percent - 1]

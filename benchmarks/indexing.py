"""Indexing as a team feels it: a large tree, a commit to it, and searches while the transformer's vectors are filled in.

``python -m benchmarks.indexing`` measures this part alone, in some ten minutes.
"""

import asyncio
import random
import statistics
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx

from benchmarks.corpora import commit_sources, identifiers, installed_sources, pack, pack_sources, package_files
from benchmarks.embedding import MODEL
from benchmarks.platform import await_searchable, index
from benchmarks.report import Report
from benchmarks.services import bearer, service_address
from codemuse.clients.docgen import DocgenClient
from codemuse.clients.embedding import EmbeddingClient
from codemuse.http import open_service_client
from codemuse.native.layout import Layout
from codemuse.native.temporary import Instance, running_instance
from rag_server.core.points import embedded_text

LINES = 1_000_000
LOCAL_GIT = {"GIT_ALLOW_LOCAL": "1"}
"""Settings of an installation that fetches from this machine's own folders."""
_ADDED = b'\n\ndef added_by_a_commit(number: int) -> int:\n    """Added."""\n    return number + 1\n'
_COMMITS = 3
_REFINED_SECONDS = 30.0
_PAUSE_SECONDS = 0.25
"""Between searches: somebody reads what was found."""
_BULK = 256
_AT_ONCE = 200


def measure_indexing(instance: Instance, report: Report) -> None:
    """Fill in the figures."""
    _measure_refinement(instance, report)
    _measure_large_tree(instance.client, report)


def _measure_large_tree(client: httpx.Client, report: Report) -> None:
    sources = installed_sources(LINES)
    lines = sum(data.count(b"\n") for data in sources.values())
    whole = index(client, "large", pack_sources(sources))
    report.add(f"{lines:,} lines ({len(sources):,} files) searchable after", whole, "s", limit=90)
    commits = [index(client, "large", pack_sources(files)) for files in _commits(client, sources)]
    report.add(
        f"  a commit to 1% of its files as an archive, median of {_COMMITS}",
        statistics.median(commits),
        "s",
        limit=whole / 50,
    )
    _delete(client, _repository(client, "large"))
    with TemporaryDirectory() as folder:
        whole = _index_git(client, Path(folder), sources)
        report.note("the same by git", whole, "s")
        commits = [_index_git(client, Path(folder), files) for files in _commits(client, sources)]
    report.add(
        f"  a commit to 1% of its files, median of {_COMMITS}", statistics.median(commits), "s", limit=whole / 50
    )
    _delete(client, _repository(client, Path(folder).name))


def _commits(client: httpx.Client, sources: Mapping[str, bytes]) -> Iterator[dict[str, bytes]]:
    """The same sources after each of some commits, each once the documents of the one before are written."""
    share = round(len(sources) / 100)
    files = dict(sources)
    for number in range(_COMMITS):
        files |= {path: files[path] + _ADDED for path in sorted(files)[number * share : (number + 1) * share]}
        _wait_until_documented(client)
        yield files


def _wait_until_documented(client: httpx.Client) -> None:
    """The next run of a repository waits for that, so as not to take the processor from it."""
    while True:
        run = client.get("/api/v1/runs", params={"kind": "index", "limit": 1}).json()["items"][0]
        if next(step for step in run["steps"] if step["name"] == "document")["finished_at"]:
            return
        time.sleep(0.2)


def _index_git(client: httpx.Client, folder: Path, sources: Mapping[str, bytes]) -> float:
    """Seconds until a commit of these sources is searchable, from the moment that the platform hears of it."""
    commit_sources(folder, sources)
    began = time.perf_counter()
    body = {"url": f"file://{folder}"}
    await_searchable(client, client.post("/api/v1/repositories", json=body).raise_for_status().json())
    return time.perf_counter() - began


def _measure_refinement(instance: Instance, report: Report) -> None:
    """Searches one after the other while vectors are filled in; beside it, embedding-server fed with the same texts."""
    client, layout = instance.client, instance.layout
    files = package_files(500)
    questions = identifiers(files, 1_000)
    name = "refined"
    index(client, name, pack(files, salt="refined"))
    repository = _repository(client, name)
    organisation_id = client.get("/api/v1/auth/me").json()["organisation_id"]
    while not (first := _refined(layout, organisation_id, repository["id"])):  # its documents are written before
        time.sleep(0.1)
    times: list[float] = []
    began = time.perf_counter()
    while time.perf_counter() - began < _REFINED_SECONDS:
        body = {"query": questions[len(times) % len(questions)]}
        asked = time.perf_counter()
        client.post("/api/v1/search", json=body).raise_for_status()
        times.append((time.perf_counter() - asked) * 1000)
        time.sleep(_PAUSE_SECONDS)
    refined = _refined(layout, organisation_id, repository["id"]) - first
    rate = refined / (time.perf_counter() - began)
    texts = asyncio.run(_texts(layout, repository))
    _delete(client, repository)
    bulk = asyncio.run(_bulk(layout, texts))
    report.note("transformer vectors filled in, while searched three times a second", rate, "chunks/s")
    report.note("  embedding-server alone, such texts in bulk", bulk, "chunks/s")
    report.add("  share of it", rate / bulk, "", limit=0.9, more_is_better=True)
    report.add("  p95 of the searches", statistics.quantiles(times, n=20)[18], "ms", limit=100)


def _refined(layout: Layout, organisation_id: str, repository_id: str) -> int:
    """How many of the chunks have the transformer's vector."""
    url = f"http://127.0.0.1:{layout.rag_port}/api/v1/repositories/{repository_id}"
    params = {"organisation_id": organisation_id, "generation": "1"}
    counts = (
        httpx.get(url, headers=bearer(layout), params=params, timeout=30, trust_env=False).raise_for_status().json()
    )
    return int(counts["chunk_count"]) - int(counts["unrefined_count"])


async def _texts(layout: Layout, repository: dict[str, Any]) -> list[str]:
    """What the models read of a repository."""
    async with open_service_client(service_address(layout, "docgen-server", layout.docgen_port)) as service:
        docgen = DocgenClient(service)
        snapshot = await docgen.find_snapshot(repository["id"], repository["commit"])
        paths = [file.path for file in await docgen.list_files(snapshot.id) if file.skip_reason is None]
        texts: list[str] = []
        for start in range(0, len(paths), _AT_ONCE):
            reply = await docgen.get_chunks(snapshot.id, paths[start : start + _AT_ONCE])
            texts += [embedded_text(chunk.symbol, chunk.signature, chunk.text) for chunk in reply.chunks]
        return texts


async def _bulk(layout: Layout, texts: Sequence[str]) -> float:
    """Texts a second of embedding-server, asked for nothing else."""
    sample = random.Random(0).sample(texts, _BULK)
    async with open_service_client(service_address(layout, "embedding-server", layout.embedding_port)) as service:
        began = time.perf_counter()
        await EmbeddingClient(service).embed(sample, model=MODEL, priority="bulk")
        return _BULK / (time.perf_counter() - began)


def _repository(client: httpx.Client, name: str) -> dict[str, Any]:
    items = client.get("/api/v1/repositories", params={"limit": 200}).json()["items"]
    found: dict[str, Any] = next(item for item in items if item["name"] == name)
    return found


def _delete(client: httpx.Client, repository: dict[str, Any]) -> None:
    """Remove a repository, until nothing of it is under way."""
    client.delete(f"/api/v1/repositories/{repository['id']}").raise_for_status()
    while any(run["finished_at"] is None for run in client.get("/api/v1/runs", params={"limit": 10}).json()["items"]):
        time.sleep(0.2)


def main() -> int:
    """Measure indexing alone."""
    report = Report()
    with running_instance(settings=LOCAL_GIT) as instance:
        measure_indexing(instance, report)
    print(f"\n{report.table()}\n\n{report.summary()}")
    return 1 if report.missed else 0


if __name__ == "__main__":
    sys.exit(main())

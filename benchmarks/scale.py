"""Search through rag-server over ever larger indexes: ``python -m benchmarks.scale [--int8] [CHUNKS ...]``.

Prints a table, and the plot that docs/benchmarks.md shows. ``SCALE_DATA`` names a folder where indexes are kept from one
run to the next: a million chunks take an hour to build on two cores. ``LOCUST=<path of its executable>`` adds a load test
(``benchmarks/locustfile.py``) of the size that ``--load`` names.
"""

import argparse
import asyncio
import csv
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from benchmarks.report import Report
from benchmarks.scale_build import build
from benchmarks.services import bearer, service_address, service_token
from benchmarks.synthetic import ORGANISATION, Corpus, repository_ids
from codemuse.clients.embedding import EmbeddingClient
from codemuse.contracts.rag import SearchRequest, SearchScope
from codemuse.http import open_service_client
from codemuse.native.layout import Layout
from codemuse.native.temporary import running_instance
from rag_server.core.embedder import IndexModels, pick_models

SIZES = (10_000, 100_000, 1_000_000)
WARMING = 300
ASKED = 700
CLIENTS = 32
RATE = 300
LOAD_SECONDS = 30
_COMPACT_DUE = "codemuse_rag_compaction_due 0.0"


@dataclass(frozen=True, slots=True)
class Measured:
    """One index size."""

    chunks: int
    p50: float
    """Milliseconds."""
    p95: float
    anonymous: float
    """Bytes of memory a chunk that rag-server holds for itself, above an empty one."""
    mapped: float
    """Bytes a chunk that the system keeps of its files, and may let go."""


def measure_scale(sizes: list[int], report: Report, *, quantised: bool, load: int) -> list[Measured]:
    """Fill in the figures of each size."""
    models, static = _ask_models()
    empty, _ = _memory_of_empty()
    measured: list[Measured] = []
    for chunks in sizes:
        with _index_of(chunks, models, static, quantised=quantised) as data, _serving(data, quantised) as layout:
            p50, p95 = _ask(layout)
            anonymous, mapped = _memory(layout)
            one = Measured(chunks, p50, p95, (anonymous - empty) / chunks, mapped / chunks)
            measured.append(one)
            is_target = chunks == 100_000
            label = f"search through rag-server, {chunks:,} chunks{', int8' if quantised else ''}"
            _add(report, f"{label}, p50", p50, "ms", 12 if is_target else None)
            _add(report, "  p95", p95, "ms", 30 if is_target else None)
            report.note("  memory of its own a chunk", one.anonymous, "bytes")
            report.note("  pages of its files in memory a chunk", one.mapped, "bytes")
            if chunks == load and os.environ.get("LOCUST"):
                _load(layout, report)
    if {10_000, 1_000_000} <= {one.chunks for one in measured}:
        by_size = {one.chunks: one for one in measured}
        report.add("p95 at 1,000,000 beside 10,000", by_size[1_000_000].p95 / by_size[10_000].p95, "times", limit=2)
        if quantised:
            report.add("memory a chunk at 1,000,000", by_size[1_000_000].anonymous, "bytes", limit=1_200)
    return measured


def plot(measured: list[Measured]) -> str:
    """The sizes and times as a Mermaid chart."""
    axis = ", ".join(f'"{one.chunks:,}"' for one in measured)
    top = max(one.p95 for one in measured) * 1.2
    lines = [
        "xychart-beta",
        '    title "Search through rag-server, milliseconds (p50 as bars, p95 as line)"',
        f"    x-axis [{axis}]",
        f"    y-axis 0 --> {top:.0f}",
        f"    bar [{', '.join(f'{one.p50:.1f}' for one in measured)}]",
        f"    line [{', '.join(f'{one.p95:.1f}' for one in measured)}]",
    ]
    return "\n".join(["```mermaid", *lines, "```"])


def search_body(query: str) -> bytes:
    """A search of everything."""
    scopes = [SearchScope(repository_id=repository, generation=1, commit="0" * 40) for repository in repository_ids()]
    request = SearchRequest(organisation_id=ORGANISATION, scopes=scopes, query=query, plain=True)
    return request.model_dump_json(exclude_defaults=True).encode()


def _ask_models() -> tuple[IndexModels, Path]:
    """What an installation embeds with, and where its static model lies."""
    with running_instance() as instance:
        models = asyncio.run(_models_of(instance.layout))
    folder = Path(os.environ.get("EMBEDDING_MODELS", ".codemuse-models"))
    return models, next(folder.glob("*-static-*/model.safetensors")).parent


async def _models_of(layout: Layout) -> IndexModels:
    address = service_address(layout, "embedding-server", layout.embedding_port)
    async with open_service_client(address) as client:
        while True:
            if models := pick_models((await EmbeddingClient(client).list_models()).data):
                return models
            await asyncio.sleep(0.5)


def _memory_of_empty() -> tuple[float, float]:
    with running_instance() as instance:
        return _memory(instance.layout)


@contextmanager
def _index_of(chunks: int, models: IndexModels, static: Path, *, quantised: bool) -> Iterator[Path]:
    """The data folder of an installation with such an index."""
    with tempfile.TemporaryDirectory() as temporary:
        root = Path(os.environ.get("SCALE_DATA") or temporary)
        data = root / f"{chunks}{'-int8' if quantised else ''}"
        if not (data / "qdrant" / "models.json").exists():
            build(data / "qdrant", chunks, models, static, quantised=quantised)
        yield data


@contextmanager
def _serving(data: Path, quantised: bool) -> Iterator[Layout]:
    before = os.environ.get("INDEX_QUANTISATION")
    os.environ["INDEX_QUANTISATION"] = "int8" if quantised else "none"
    try:
        with running_instance(data) as instance:
            headers = bearer(instance.layout)
            url = f"http://127.0.0.1:{instance.layout.rag_port}/metrics"
            while _COMPACT_DUE not in httpx.get(url, headers=headers, timeout=60, trust_env=False).text:
                time.sleep(0.5)
            yield instance.layout
    finally:
        os.environ.pop("INDEX_QUANTISATION")
        if before is not None:
            os.environ["INDEX_QUANTISATION"] = before


def _ask(layout: Layout) -> tuple[float, float]:
    times: list[float] = []
    headers = {**bearer(layout), "Content-Type": "application/json"}
    url = f"http://127.0.0.1:{layout.rag_port}"
    with httpx.Client(base_url=url, headers=headers, timeout=60, trust_env=False) as client:
        for question in Corpus.read().questions(WARMING + ASKED):
            body = search_body(question)
            began = time.perf_counter()
            reply = client.post("/api/v1/search", content=body).raise_for_status()
            times.append((time.perf_counter() - began) * 1000)
            if reply.json()["degraded"] or not reply.json()["results"]:
                raise SystemExit("The search was not answered as it should be.")
    cuts = statistics.quantiles(times[WARMING:], n=20)
    return cuts[9], cuts[18]


def _load(layout: Layout, report: Report) -> None:
    """So many requests a second of so many clients, by Locust."""
    with tempfile.TemporaryDirectory() as folder:
        command = [os.environ["LOCUST"], "--headless", "--only-summary", "--locustfile", "benchmarks/locustfile.py"]
        size = ["--users", str(CLIENTS), "--spawn-rate", str(CLIENTS), "--run-time", f"{LOAD_SECONDS}s"]
        target = ["--host", f"http://127.0.0.1:{layout.rag_port}", "--csv", f"{folder}/load"]
        bodies = Path(folder, "bodies")
        bodies.write_bytes(b"\n".join(search_body(q) for q in Corpus.read().questions(RATE * LOAD_SECONDS)))
        environment = {
            **os.environ,
            "LOAD_TOKEN": service_token(layout),
            "LOAD_BODIES": str(bodies),
            "LOAD_RATE": str(RATE),
        }
        subprocess.run([*command, *size, *target], check=False, env=environment, capture_output=True)
        with Path(folder, "load_stats.csv").open() as file:
            total = next(row for row in csv.DictReader(file) if row["Name"] == "Aggregated")
    rate = float(total["Requests/s"])
    report.add(f"  {CLIENTS} clients by Locust: rate held", rate, "/s", limit=RATE * 0.98, more_is_better=True)
    report.add("    p95", float(total["95%"]), "ms", limit=120)
    report.add("    errors", int(total["Failure Count"]), "", limit=0)


def _memory(layout: Layout) -> tuple[float, float]:
    """Bytes that rag-server holds for itself, and bytes of files that it has in memory."""
    status = Path(f"/proc/{layout.pid_file('rag-server').read_text().strip()}/status").read_text()
    sizes = {line.split(":")[0]: int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("Rss")}
    return sizes["RssAnon"], sizes["RssFile"]


def _add(report: Report, what: str, value: float, unit: str, limit: float | None) -> None:
    if limit is None:
        report.note(what, value, unit)
    else:
        report.add(what, value, unit, limit=limit)


def main() -> int:
    """Measure the sizes of the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sizes", nargs="*", type=int, default=list(SIZES))
    parser.add_argument("--int8", action="store_true", help="keep vectors as int8 too")
    parser.add_argument("--load", type=int, default=100_000, help="size of the load test")
    options = parser.parse_args()
    report = Report()
    measured = measure_scale(options.sizes or list(SIZES), report, quantised=options.int8, load=options.load)
    print(f"\n{report.table()}\n\n{plot(measured)}")
    return 1 if report.missed else 0


if __name__ == "__main__":
    sys.exit(main())

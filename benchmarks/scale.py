"""Search through rag-server over ever larger indexes: ``python -m benchmarks.scale [CHUNKS ...]``.

Prints a table, and the plot that docs/benchmarks.md shows. ``SCALE_DATA`` names a folder where indexes are kept from one
run to the next: a million chunks take an hour to build on two cores, and are left out without it. ``LOCUST=<path of its
executable>`` adds a load test (``benchmarks/load.py``) of 100,000.
"""

import argparse
import asyncio
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from benchmarks.load import count_bodies, measure_load
from benchmarks.report import Report
from benchmarks.scale_build import build
from benchmarks.services import bearer, service_address
from benchmarks.synthetic import ORGANISATION, Corpus, repository_ids
from codemuse.clients.embedding import EmbeddingClient
from codemuse.contracts.rag import SearchRequest, SearchScope
from codemuse.http import open_service_client
from codemuse.native.layout import Layout
from codemuse.native.temporary import running_instance
from rag_server.core.embedder import IndexModels, pick_models

SIZES = (10_000, 100_000, 1_000_000)
SMALL, TARGET, LARGE = SIZES
WARMING = 300
ASKED = 700
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


def measure_scale(sizes: Sequence[int], report: Report) -> None:
    """Fill in the figures of each size, and print the plot."""
    models, static = _ask_models()
    empty, _ = _memory_of_empty()
    measured: dict[int, Measured] = {}
    for chunks in sizes:
        with _index_of(chunks, models, static) as data, _serving(data) as layout:
            p50, p95 = _ask(layout)
            anonymous, mapped = _memory(layout)
            one = measured[chunks] = Measured(chunks, p50, p95, (anonymous - empty) / chunks, mapped / chunks)
            _add(report, f"search through rag-server, {chunks:,} chunks, p50", p50, 12 if chunks == TARGET else None)
            _add(report, "  p95", p95, 30 if chunks == TARGET else None)
            report.note("  memory of its own a chunk", one.anonymous, "bytes")
            report.note("  pages of its files in memory a chunk", one.mapped, "bytes")
            if chunks == TARGET:
                questions = Corpus.read().questions(WARMING + ASKED + count_bodies())[WARMING + ASKED :]
                measure_load(layout, [search_body(question) for question in questions], report)
    if {SMALL, LARGE} <= measured.keys():
        report.add("p95 at 1,000,000 beside 10,000", measured[LARGE].p95 / measured[SMALL].p95, "times", limit=2)
        report.add("memory of its own a chunk at 1,000,000", measured[LARGE].anonymous, "bytes", limit=1_200)
    print(f"\n{plot(list(measured.values()))}\n")


def default_sizes() -> Sequence[int]:
    """What can be built in minutes, and more where it is kept."""
    return SIZES if os.environ.get("SCALE_DATA") else SIZES[:2]


def plot(measured: Sequence[Measured]) -> str:
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
def _index_of(chunks: int, models: IndexModels, static: Path) -> Iterator[Path]:
    """The data folder of an installation with such an index."""
    with tempfile.TemporaryDirectory() as temporary:
        data = Path(os.environ.get("SCALE_DATA") or temporary, str(chunks))
        if not (data / "qdrant" / "models.json").exists():
            build(data / "qdrant", chunks, models, static)
        yield data


@contextmanager
def _serving(data: Path) -> Iterator[Layout]:
    with running_instance(data) as instance:
        headers = bearer(instance.layout)
        url = f"http://127.0.0.1:{instance.layout.rag_port}/metrics"
        while _COMPACT_DUE not in httpx.get(url, headers=headers, timeout=60, trust_env=False).text:
            time.sleep(0.5)
        yield instance.layout


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


def _memory(layout: Layout) -> tuple[float, float]:
    """Bytes that rag-server holds for itself, and bytes of files that it has in memory."""
    status = Path(f"/proc/{layout.pid_file('rag-server').read_text().strip()}/status").read_text()
    sizes = {line.split(":")[0]: int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("Rss")}
    return sizes["RssAnon"], sizes["RssFile"]


def _add(report: Report, what: str, value: float, limit: float | None) -> None:
    if limit is None:
        report.note(what, value, "ms")
    else:
        report.add(what, value, "ms", limit=limit)


def main() -> int:
    """Measure the sizes of the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sizes", nargs="*", type=int)
    report = Report()
    measure_scale(parser.parse_args().sizes or default_sizes(), report)
    print(report.table())
    return 1 if report.missed else 0


if __name__ == "__main__":
    sys.exit(main())

"""embedding-server over HTTP, beside a bare sentence-transformers loop and infinity-emb in the same run.

``INFINITY=<path of its executable>`` names an infinity-emb installed in an environment of its own (``infinity-emb[server,torch]``).
``python -m benchmarks.embedding`` measures this part alone.
"""

import asyncio
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import aiohttp
import httpx

from benchmarks.report import Report
from benchmarks.services import bearer
from codemuse.native.layout import Layout
from codemuse.native.temporary import running_instance
from codemuse.testing import free_port
from embedding_server.core.weights import find_weights

MODEL = "all-MiniLM-L6-v2"
_SENTENCE = "The worker takes the lease of a run, renews it while it works and writes only while it holds it. "
_TEXTS = 256
_CLIENTS = 16
_QUERY_SECONDS = 5.0


@dataclass(frozen=True)
class Target:
    """A server that speaks OpenAI's embeddings."""

    name: str
    url: str
    model: str
    headers: dict[str, str] = field(default_factory=dict)


def measure_embedding(layout: Layout, report: Report) -> None:
    """Fill in the embedding server's figures."""
    ours = Target("embedding-server", f"http://127.0.0.1:{layout.embedding_port}/v1", MODEL, bearer(layout))
    served = _bulk_over_http(ours)
    bare = _bare_loop()
    report.note("embedding-server, bulk of 155-token texts over HTTP", served, "texts/s")
    report.note("  bare sentence-transformers loop, bf16", bare, "texts/s")
    report.add("  share of the bare loop", served / bare, "", limit=0.95, more_is_better=True)
    report.add("embedding-server, single query, p50", _single(ours), "ms", limit=6)
    rate, p95 = asyncio.run(_many_queries(ours))
    report.add(f"  {_CLIENTS} clients, queries", rate, "/s", limit=400, more_is_better=True)
    report.add("  p95", p95, "ms", limit=50)
    if os.environ.get("INFINITY"):
        with _infinity() as infinity:
            _compare(infinity, served, report)
    else:
        report.skip("infinity-emb", "INFINITY names no executable")


def _compare(infinity: Target, served: float, report: Report) -> None:
    theirs = _bulk_over_http(infinity)
    report.note("infinity-emb, the same bulk", theirs, "texts/s")
    report.add("  embedding-server's bulk beside it", served / theirs, "times", limit=2.7, more_is_better=True)
    report.note("  its single query, p50", _single(infinity), "ms")
    rate, p95 = asyncio.run(_many_queries(infinity))
    report.note(f"  its {_CLIENTS} clients, queries", rate, "/s")
    report.note("  p95", p95, "ms")


def _texts() -> list[str]:
    return [f"{number} {_SENTENCE * 7}" for number in range(_TEXTS)]


def _bulk_over_http(target: Target) -> float:
    texts = _texts()
    with httpx.Client(headers=target.headers, timeout=300, trust_env=False) as client:
        began = 0.0
        for part in (texts[:32], texts):
            began = time.perf_counter()
            body = {"model": target.model, "input": part, "encoding_format": "base64"}
            client.post(f"{target.url}/embeddings", json=body).raise_for_status()
        return _TEXTS / (time.perf_counter() - began)


def _single(target: Target) -> float:
    """Median milliseconds of one query at a time."""
    times = []
    with httpx.Client(headers={**target.headers, "X-CodeMuse-Priority": "query"}, trust_env=False) as client:
        for number in range(100):
            body = {"model": target.model, "input": f"how are leases renewed {number}", "encoding_format": "base64"}
            began = time.perf_counter()
            client.post(f"{target.url}/embeddings", json=body).raise_for_status()
            times.append(time.perf_counter() - began)
    return statistics.median(times) * 1000


async def _many_queries(target: Target) -> tuple[float, float]:
    """Queries a second of sixteen clients, and the 95th percentile in milliseconds."""
    times: list[float] = []
    headers = {**target.headers, "X-CodeMuse-Priority": "query"}
    async with aiohttp.ClientSession(headers=headers, connector=aiohttp.TCPConnector(limit=0)) as session:
        end = time.perf_counter() + _QUERY_SECONDS

        async def client(number: int) -> None:
            while time.perf_counter() < end:
                text = f"how does part {number} of the service do the thing of number {len(times)}"
                body = {"model": target.model, "input": text, "encoding_format": "base64"}
                began = time.perf_counter()
                async with session.post(f"{target.url}/embeddings", json=body) as reply:
                    await reply.read()
                    reply.raise_for_status()
                times.append(time.perf_counter() - began)

        await asyncio.gather(*(client(number) for number in range(_CLIENTS)))
    return len(times) / _QUERY_SECONDS, statistics.quantiles(times, n=20)[18] * 1000


def _bare_loop() -> float:
    import torch
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(find_weights(MODEL).folder), device="cpu").to(torch.bfloat16)
    texts = _texts()
    model.encode(texts[:32], batch_size=32)
    began = time.perf_counter()
    model.encode(texts, batch_size=32, normalize_embeddings=True)
    return _TEXTS / (time.perf_counter() - began)


@contextmanager
def _infinity() -> Iterator[Target]:
    port = free_port()
    command = [
        os.environ["INFINITY"],
        "v2",
        "--model-id",
        str(find_weights(MODEL).folder),
        "--served-model-name",
        MODEL,
    ]
    options = ["--port", str(port), "--device", "cpu", "--engine", "torch", "--no-bettertransformer"]
    environment = {**os.environ, "DO_NOT_TRACK": "1", "HF_HUB_OFFLINE": "1"}
    with (
        tempfile.TemporaryFile() as log,
        subprocess.Popen([*command, *options], stdout=log, stderr=log, env=environment) as process,
    ):
        try:
            _wait_for(f"http://127.0.0.1:{port}/models", process)
            yield Target("infinity-emb", f"http://127.0.0.1:{port}", MODEL)
        finally:
            process.terminate()


def _wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if httpx.get(url, trust_env=False).is_success:
                return
        except httpx.TransportError:
            time.sleep(0.2)
    raise SystemExit("infinity-emb does not start.")


def main() -> int:
    """Measure embedding-server alone."""
    report = Report()
    with running_instance() as instance:
        measure_embedding(instance.layout, report)
    return 1 if report.missed else 0


if __name__ == "__main__":
    sys.exit(main())

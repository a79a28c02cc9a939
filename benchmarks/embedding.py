"""embedding-server over HTTP, beside a bare sentence-transformers loop in the same run."""

import statistics
import time

import httpx
from dotenv import dotenv_values

from benchmarks.report import Report
from codemuse.native.layout import Layout

MODEL = "all-MiniLM-L6-v2"
_SENTENCE = "The worker takes the lease of a run, renews it while it works and writes only while it holds it. "
_TEXTS = 256


def measure_embedding(layout: Layout, report: Report) -> None:
    """Fill in the embedding server's figures."""
    token = dotenv_values(layout.secrets)["SERVICE_TOKEN"]
    with httpx.Client(base_url=f"http://127.0.0.1:{layout.embedding_port}", timeout=300, trust_env=False) as server:
        server.headers["Authorization"] = f"Bearer {token}"
        served = _bulk_over_http(server)
        bare = _bare_loop()
        report.note("embedding-server, bulk of 155-token texts over HTTP", served, "texts/s")
        report.note("  bare sentence-transformers loop, bf16", bare, "texts/s")
        report.add("  share of the bare loop", served / bare, "", limit=0.95, more_is_better=True)
        times = sorted(_single(server, f"how are leases renewed {number}") for number in range(100))
        report.add("embedding-server, single query, p50", statistics.median(times) * 1000, "ms", limit=6)


def _texts() -> list[str]:
    return [f"{number} {_SENTENCE * 7}" for number in range(_TEXTS)]


def _bulk_over_http(server: httpx.Client) -> float:
    texts = _texts()
    server.post(
        "/v1/embeddings", json={"model": MODEL, "input": texts[:32], "encoding_format": "base64"}
    ).raise_for_status()
    began = time.perf_counter()
    server.post("/v1/embeddings", json={"model": MODEL, "input": texts, "encoding_format": "base64"}).raise_for_status()
    return _TEXTS / (time.perf_counter() - began)


def _single(server: httpx.Client, text: str) -> float:
    began = time.perf_counter()
    body = {"model": MODEL, "input": text, "encoding_format": "base64"}
    server.post("/v1/embeddings", json=body, headers={"X-CodeMuse-Priority": "query"}).raise_for_status()
    return time.perf_counter() - began


def _bare_loop() -> float:
    import torch
    from sentence_transformers import SentenceTransformer

    from embedding_server.core.weights import find_weights

    model = SentenceTransformer(str(find_weights(MODEL).folder), device="cpu").to(torch.bfloat16)
    texts = _texts()
    model.encode(texts[:32], batch_size=32)
    began = time.perf_counter()
    model.encode(texts, batch_size=32, normalize_embeddings=True)
    return _TEXTS / (time.perf_counter() - began)

"""Finds out what is fastest on this machine without changing the vectors, and remembers it: precision and threads."""

import hashlib
import platform
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from pydantic import BaseModel, ValidationError

from codemuse.logging import get_logger
from embedding_server.core.backend import Backend
from embedding_server.core.files import write_atomically

_log = get_logger(__name__)

MINIMUM_COSINE = 0.995
ROUNDS = 3
WORTHWHILE_GAIN = 1.1
"""Fewer threads must be so much faster: a machine that is busy with something else must not be remembered as a small one."""

_SAMPLE = (
    "def open_session(url, *, timeout=30):\n    '''Open a pooled session to the server at url.'''\n    return Session(url)",
    "how are routes registered",
    "class RetryPolicy:\n    def __init__(self, attempts: int, backoff: float) -> None:\n        self.attempts = attempts",
    "func (engine *Engine) ServeHTTP(w http.ResponseWriter, req *http.Request) { engine.handle(w, req) }",
    "The cache is invalidated whenever a file of the repository changes; readers keep seeing the old generation.",
    "public final class TypeAdapterFactory { private final Map<Type, Adapter> adapters = new HashMap<>(); }",
    "인증 토큰은 어디에서 검증되나요?",
    "SELECT id, name FROM repositories WHERE organisation_id = $1 ORDER BY indexed_at DESC LIMIT 50",
) * 2


class PrecisionResult(BaseModel):
    """What one precision achieved on the sample."""

    precision: str
    texts_per_second: float
    cosine: float
    """Mean cosine to the fp32 vectors of the same texts."""


class WorkersResult(BaseModel):
    """What so many batches computed side by side achieved on the sample, together."""

    workers: int
    texts_per_second: float


class ProbeReport(BaseModel):
    """The outcome of a probe, valid for one machine, torch version and model."""

    key: str
    chosen: str
    workers: int
    results: list[PrecisionResult]
    workers_results: list[WorkersResult]


def machine_key(*parts: str) -> str:
    """Identifies what a probe's outcome depends on: processor and the given versions and devices."""
    identity = "\n".join((platform.machine(), _processor(), *parts))
    return hashlib.sha256(identity.encode()).hexdigest()[:16]


def choose(results: Sequence[PrecisionResult]) -> str:
    """The fastest precision whose vectors are the reference's, for all that search can tell."""
    faithful = [result for result in results if result.cosine >= MINIMUM_COSINE]
    return max(faithful, key=lambda result: result.texts_per_second).precision


def probe(backends: Callable[[str], Backend], precisions: Sequence[str]) -> list[PrecisionResult]:
    """Measure each precision on the fixed sample; the first one is the reference. One that fails is left out."""
    results: list[PrecisionResult] = []
    reference = None
    for precision in precisions:
        try:
            backend = backends(precision)
            tokens = backend.tokenize(_SAMPLE)
            vectors = backend.embed(tokens)
        except (RuntimeError, AttributeError) as error:
            if precision == precisions[0]:
                raise
            _log.info("precision cannot be used here", precision=precision, reason=str(error)[:200])
            continue
        reference = vectors if reference is None else reference
        seconds = min(_timed(backend, tokens) for _ in range(ROUNDS))
        cosine = float(np.mean(np.sum(vectors * reference, axis=1)))
        rate = len(_SAMPLE) / seconds
        results.append(PrecisionResult(precision=precision, texts_per_second=round(rate, 1), cosine=round(cosine, 5)))
    return results


def choose_workers(results: Sequence[WorkersResult]) -> int:
    """As many as pay: with two threads a core, or cores that share memory, that may be fewer than there are."""
    most = max(results, key=lambda result: result.workers)
    best = max(results, key=lambda result: result.texts_per_second)
    return best.workers if best.texts_per_second >= WORTHWHILE_GAIN * most.texts_per_second else most.workers


def probe_workers(backend: Backend, cores: int) -> list[WorkersResult]:
    """Measure one, half as many and as many batches side by side as there are cores."""
    tokens = backend.tokenize(_SAMPLE)
    results: list[WorkersResult] = []
    for workers in sorted({1, max(1, cores // 2), cores}):
        with ThreadPoolExecutor(workers) as threads:
            seconds = min(_timed_together(threads, backend, tokens, workers) for _ in range(ROUNDS))
        rate = workers * len(_SAMPLE) / seconds
        results.append(WorkersResult(workers=workers, texts_per_second=round(rate, 1)))
    return results


def remembered_or_probed(
    file: Path,
    key: str,
    measure: Callable[[], list[PrecisionResult]],
    measure_workers: Callable[[str], list[WorkersResult]],
) -> ProbeReport:
    """The report on file if it was made under the same key, else a new one, written to the file.

    Args:
        file: Where it is kept.
        key: Of the machine.
        measure: Tries the precisions.
        measure_workers: Tries numbers of threads in a precision.
    """
    if (known := _read(file)) and known.key == key:
        return known
    results = measure()
    chosen = choose(results)
    side_by_side = measure_workers(chosen)
    report = ProbeReport(
        key=key,
        chosen=chosen,
        workers=choose_workers(side_by_side),
        results=results,
        workers_results=side_by_side,
    )
    write_atomically(file, report.model_dump_json(indent=2).encode())
    return report


def _read(file: Path) -> ProbeReport | None:
    try:
        return ProbeReport.model_validate_json(file.read_bytes())
    except (FileNotFoundError, ValidationError):
        return None


def _timed(backend: Backend, tokens: list[list[int]]) -> float:
    started = time.perf_counter()
    backend.embed(tokens)
    return time.perf_counter() - started


def _timed_together(threads: ThreadPoolExecutor, backend: Backend, tokens: list[list[int]], workers: int) -> float:
    started = time.perf_counter()
    list(threads.map(backend.embed, [tokens] * workers))
    return time.perf_counter() - started


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")

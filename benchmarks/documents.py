"""docgen-server as a whole, over HTTP and with its database: celery's Python from bytes to documents, and a commit after it."""

import gzip
import io
import os
import statistics
import tarfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx

from benchmarks.corpora import find_repository, read_repository
from benchmarks.report import Report
from benchmarks.services import bearer
from codemuse.native.layout import Layout

_COMMITS = 7
_AT_ONCE = 500
"""Most paths of one request."""
_LEFT_OUT = frozenset({"site-packages", "test", "tests", "idlelib", "idle_test", "lib2to3"})
_ADDED = b'\n\ndef added_by_a_commit(number: int) -> int:\n    """Added."""\n    return number + 1\n'


def measure_documents(layout: Layout, report: Report) -> None:
    """Fill in the figures."""
    if find_repository("celery/celery") is None:
        report.skip("docgen: celery with its documents", "set REPOSITORIES to a folder of clones")
        return
    files = {path: data for path, data in read_repository("celery/celery").items() if path.startswith("celery/")}
    python = {path: data for path, data in files.items() if path.endswith(".py")}
    with httpx.Client(
        base_url=f"http://127.0.0.1:{layout.docgen_port}/api/v1",
        headers=bearer(layout),
        timeout=300,
        trust_env=False,
    ) as client:
        _work(client, "warm", {"warm.py": b"def warm(): ...\n", "cold.py": b"import warm\n"}, ["warm.py"])
        _measure(client, report, "celery's Python", "celery", python, limit=2.5)
        _measure(client, report, "the standard library's Python", "library", _standard_library(), limit=None)


def _measure(
    client: httpx.Client, report: Report, name: str, repository_id: str, files: dict[str, bytes], *, limit: float | None
) -> None:
    """All of a repository, then commits to it, one upon the other."""
    whole = _work(client, repository_id, files, list(files))
    title = f"docgen-server: facts, links, problems, chunks and documents of {name}"
    if limit is None:
        report.note(title, whole, "s")
    else:
        report.add(title, whole, "s", limit=limit)
    commits = []
    for number in range(_COMMITS):
        changed = _changed(files, number)
        files |= {path: files[path] + _ADDED for path in changed}
        commits.append(_work(client, repository_id, files, changed))
    share = statistics.median(commits) / whole * 100
    report.add(f"  the same for a commit to 1% of its files, median of {_COMMITS}", share, "% of it", limit=3)


def _standard_library() -> dict[str, bytes]:
    """This Python's own modules without their tests: a larger tree, at hand everywhere."""
    root = Path(os.__file__).parent
    kept = (path for path in sorted(root.rglob("*.py")) if not _LEFT_OUT & {*path.relative_to(root).parts})
    return {f"lib/{path.relative_to(root)}": path.read_bytes() for path in kept}


def _changed(files: dict[str, bytes], number: int) -> list[str]:
    """The 1% of the files that a commit adds a function to, other ones each time."""
    paths = sorted(files)
    count = round(len(paths) / 100)
    start = (number * 37) % (len(paths) - count)
    return paths[start : start + count]


def _work(client: httpx.Client, repository_id: str, files: dict[str, bytes], changed: list[str]) -> float:
    """Seconds from the stored snapshot to the last page; facts and chunks of new contents only, as an index run asks."""
    upload = _post(client, f"/repositories/{repository_id}/archives", files={"archive": ("a.tar.gz", _pack(files))})
    body = {"repository_id": repository_id, "archive": {"archive_id": upload["archive_id"]}}
    snapshot = _post(client, "/snapshots", json=body)["id"]
    manifest = _get(client, f"/snapshots/{snapshot}/manifest?limit=5000")["items"]
    paths = [file["path"] for file in manifest if file["skip_reason"] is None and not file["is_analysed"]]
    began = time.perf_counter()
    for part in _batches(paths):
        _post(client, f"/snapshots/{snapshot}/analyse", json={"paths": part})
    _get(client, f"/snapshots/{snapshot}/problems?limit=100")
    for part in _batches(changed):
        _post(client, f"/snapshots/{snapshot}/chunks", json={"paths": part})
    _post(client, "/documents/generate", json={"snapshot_id": snapshot})
    return time.perf_counter() - began


def _batches(paths: list[str]) -> Iterator[list[str]]:
    return (paths[start : start + _AT_ONCE] for start in range(0, len(paths), _AT_ONCE))


def _post(client: httpx.Client, path: str, **options: Any) -> Any:
    return client.post(path, **options).raise_for_status().json()


def _get(client: httpx.Client, path: str) -> Any:
    return client.get(path).raise_for_status().json()


def _pack(files: dict[str, bytes]) -> bytes:
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w") as archive:
        for name, data in files.items():
            info = tarfile.TarInfo(f"corpus/{name}")
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return gzip.compress(raw.getvalue(), 1)

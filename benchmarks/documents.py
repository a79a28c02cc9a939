"""docgen-server as a whole, over HTTP and with its database: celery's Python from bytes to documents, and a commit after it."""

import gzip
import io
import statistics
import tarfile
import time
from typing import Any

import httpx
from dotenv import dotenv_values

from benchmarks.corpora import find_repository, read_repository
from benchmarks.report import Report
from codemuse.native.layout import Layout

_COMMITS = 7
_ADDED = b'\n\ndef added_by_a_commit(number: int) -> int:\n    """Added."""\n    return number + 1\n'


def measure_documents(layout: Layout, report: Report) -> None:
    """Fill in the figures."""
    if find_repository("celery/celery") is None:
        report.skip("docgen: celery with its documents", "set REPOSITORIES to a folder of clones")
        return
    files = {path: data for path, data in read_repository("celery/celery").items() if path.startswith("celery/")}
    python = {path: data for path, data in files.items() if path.endswith(".py")}
    token = dotenv_values(layout.secrets)["SERVICE_TOKEN"]
    with httpx.Client(
        base_url=f"http://127.0.0.1:{layout.docgen_port}/api/v1",
        headers={"Authorization": f"Bearer {token}"},
        timeout=300,
        trust_env=False,
    ) as client:
        _work(client, "warm", {"warm.py": b"def warm(): ...\n", "cold.py": b"import warm\n"}, ["warm.py"])
        whole = _work(client, "celery", python, list(python))
        report.add(
            "docgen-server: facts, links, problems, chunks and documents of celery's Python", whole, "s", limit=2.5
        )
        commits = []
        for number in range(_COMMITS):
            changed = _changed(python, number)
            python |= {path: python[path] + _ADDED for path in changed}
            commits.append(_work(client, "celery", python, changed))
        share = statistics.median(commits) / whole * 100
        report.add(f"  the same for a commit to 1% of its files, median of {_COMMITS}", share, "% of it", limit=3)


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
    _post(client, f"/snapshots/{snapshot}/analyse", json={"paths": paths})
    _get(client, f"/snapshots/{snapshot}/problems?limit=100")
    _post(client, f"/snapshots/{snapshot}/chunks", json={"paths": changed})
    _post(client, "/documents/generate", json={"snapshot_id": snapshot})
    return time.perf_counter() - began


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

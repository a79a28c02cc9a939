"""``codemuse backup`` and ``codemuse index rebuild`` against a scripted gateway."""

import json

import httpx
import pytest
from typer.testing import CliRunner

from codemuse.cli import backup, main
from codemuse.cli.exits import Exit
from codemuse.cli.gateway import Gateway

NOW = "2026-01-01T00:00:00Z"
STEP = {"name": "copy", "status": "succeeded", "attempt": 1, "detail": {"chunks": 3}}
RUN = {
    "id": "run1", "kind": "backup", "status": "succeeded", "steps": [STEP], "title": "", "created_at": NOW, "finished_at": NOW,
    "progress": {"done": 0, "total": 0, "failed": 0},
}  # fmt: skip
BACKUP = {
    "id": "b1", "origin": "schedule", "created_at": NOW, "engine": "embedded", "collection": "c", "format": 2,
    "models": [{"id": "static", "fingerprint": "f", "dimensions": 8}], "terms_version": 1, "chunk_count": 1200,
    "repository_count": 2, "byte_count": 5_000_000,
}  # fmt: skip
DAMAGED = {**BACKUP, "id": "b2", "is_complete": False}
NEVER = {"every_hours": 0, "kept": 7}


@pytest.fixture
def replies():
    return {
        "GET /api/v1/backups": {"items": [DAMAGED, BACKUP], "schedule": NEVER},
        "POST /api/v1/backups": {"run": RUN},
        "POST /api/v1/backups/b1/restore": {"run": RUN},
        "DELETE /api/v1/backups/b1": {},
        "POST /api/v1/index/rebuild": {"run": RUN},
        "GET /api/v1/runs/run1": RUN,
    }


@pytest.fixture
def codemuse(monkeypatch, tmp_path, replies):
    event = {"type": "done", "status": "succeeded", "run_id": "run1", "seq": 1}
    seen = []

    def answer(request):
        seen.append(f"{request.method} {request.url.path}")
        if request.url.path.endswith("/events"):
            return httpx.Response(200, text=f"data: {json.dumps(event)}\n\n")
        return httpx.Response(200, json=replies[seen[-1]])

    def open_gateway(account):
        return Gateway(account, transport=httpx.MockTransport(answer))

    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "200")
    for module in (backup, main):
        monkeypatch.setattr(module, "Gateway", open_gateway)

    def run(*arguments, **options):
        return CliRunner().invoke(main.app, list(arguments), **options)

    run.seen = seen
    return run


def test_a_backup_is_made_and_waited_for(codemuse):
    done = codemuse("backup", "create")
    assert (done.exit_code, done.stdout.splitlines()) == (0, ["backup: succeeded", "chunks: 3"])
    assert json.loads(codemuse("backup", "create", "--json").stdout)["id"] == "run1"
    assert "codemuse status run1" in codemuse("backup", "create", "--no-wait").stdout
    assert json.loads(codemuse("backup", "create", "--no-wait", "--json").stdout)["run"]["id"] == "run1"


def test_backups_are_listed_with_their_schedule(codemuse, replies):
    shown = codemuse("backup", "list")
    assert all(text in shown.output for text in ("b1", "1,200", "5.0 MB", "damaged", "BACKUP_EVERY_HOURS"))
    replies["GET /api/v1/backups"]["schedule"] = {"every_hours": 24, "kept": 3, "next_at": NOW}
    assert "Every 24 hours, 3 are kept; the next one 2026-01-01 00:00 UTC" in codemuse("backup", "list").output
    assert len(json.loads(codemuse("backup", "list", "--json").stdout)["items"]) == 2


def test_no_column_is_cut_in_a_narrow_place(codemuse, replies, monkeypatch):
    monkeypatch.setenv("COLUMNS", "60")
    model = {"id": "sentence-transformers/all-MiniLM-L6-v2", "fingerprint": "f", "dimensions": 8}
    replies["GET /api/v1/backups"]["items"] = [{**BACKUP, "id": "0123456789abcdef" * 2, "models": [model]}]
    _, row, *_ = codemuse("backup", "list").stdout.splitlines()
    assert row.split() == [
        "2026-01-01", "00:00", "schedule", "2", "1,200", "5.0", "MB", "0123456789abcdef" * 2, model["id"],
    ]  # fmt: skip


def test_the_latest_whole_backup_is_restored_after_asking(codemuse, replies):
    assert codemuse("backup", "restore", "latest", input="n\n").exit_code == Exit.USAGE
    assert "POST /api/v1/backups/b1/restore" not in codemuse.seen
    assert codemuse("backup", "restore", "latest", input="y\n").exit_code == 0
    assert codemuse("backup", "restore", "b1", "--yes").exit_code == 0
    assert codemuse.seen.count("POST /api/v1/backups/b1/restore") == 2
    replies["GET /api/v1/backups"]["items"] = []
    assert codemuse("backup", "restore", "latest", "--yes").exit_code == Exit.REFUSED


def test_a_backup_is_deleted_after_asking(codemuse):
    assert codemuse("backup", "delete", "b1", input="n\n").exit_code == Exit.USAGE
    assert codemuse("backup", "delete", "b1", "--yes").exit_code == 0
    assert json.loads(codemuse("backup", "delete", "b1", "--yes", "--json").stdout) == {}


def test_the_index_is_made_anew(codemuse):
    assert "run1" in codemuse("index", "rebuild").stdout
    assert codemuse("index", "rebuild", "--wait").exit_code == 0
    assert codemuse.seen.count("POST /api/v1/index/rebuild") == 2

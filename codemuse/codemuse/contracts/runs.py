"""Runs, their steps, their ledger and their events."""

from datetime import datetime
from enum import StrEnum
from typing import Any, Literal

from pydantic import ConfigDict, Field

from codemuse.contracts.common import (
    Reply,
)


class RunStatus(StrEnum):
    """Where a run is."""

    QUEUED = "queued"
    RUNNING = "running"
    WAITING = "waiting"
    """A dependency is away or saturated; the run goes on by itself."""
    SUCCEEDED = "succeeded"
    SUCCEEDED_WITH_WARNINGS = "succeeded_with_warnings"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def ended(self) -> bool:
        """Whether nothing more happens."""
        return self not in {RunStatus.QUEUED, RunStatus.RUNNING, RunStatus.WAITING}


class StepStatus(StrEnum):
    """Where a step is."""

    PENDING = "pending"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    SKIPPED = "skipped"


class StepRead(Reply):
    """One step of a run."""

    name: str
    status: StepStatus
    attempt: int
    started_at: datetime | None = None
    finished_at: datetime | None = None
    detail: dict[str, Any] = Field(default_factory=dict)


class ProgressRead(Reply):
    """Files of an index run; all zero for other kinds."""

    analysed: int = 0
    """Files that are parsed, or need not be."""
    done: int = 0
    """Files that become searchable when published, or need not be."""
    total: int = 0
    failed: int = 0


class RunError(Reply):
    """Why a run failed, and what a person can do."""

    error: str
    message: str
    request_id: str = ""
    details: dict[str, Any] = Field(default_factory=dict)


class RunRead(Reply):
    """Reply of ``GET /api/v1/runs/{id}``."""

    id: str
    kind: Literal["index", "ask", "delete", "evaluate", "backup", "restore", "rebuild", "reindex"]
    status: RunStatus
    steps: list[StepRead]
    progress: ProgressRead
    error: RunError | None = None
    repository_id: str | None = None
    repository_name: str | None = None
    session_id: str | None = None
    title: str = ""
    """Repository and commit, or the question."""
    created_at: datetime
    started_at: datetime | None = None
    finished_at: datetime | None = None


class RunPage(Reply):
    """Reply of ``GET /api/v1/runs?kind=&status=&repository_id=&cursor=``."""

    items: list[RunRead]
    next_cursor: str | None = None


class FileState(StrEnum):
    """Where one file of an index run is."""

    PENDING = "pending"
    ANALYSED = "analysed"
    INDEXED = "indexed"
    UNCHANGED = "unchanged"
    SKIPPED = "skipped"
    QUARANTINED = "quarantined"
    REMOVED = "removed"


class RunFileRead(Reply):
    """One row of the ledger."""

    path: str
    state: FileState
    attempts: int
    reason: str | None = None
    message: str | None = None


class RunFilePage(Reply):
    """Reply of ``GET /api/v1/runs/{id}/files?state=&cursor=``."""

    items: list[RunFileRead]
    next_cursor: str | None = None


class RunAccepted(Reply):
    """202: the run is stored."""

    run: RunRead


class EventType(StrEnum):
    """Kinds of run events."""

    STATUS = "status"
    STEP = "step"
    PROGRESS = "progress"
    CITATION = "citation"
    TOKEN = "token"  # noqa: S105 - a piece of text
    RESET = "reset"
    MESSAGE = "message"
    ERROR = "error"
    DONE = "done"


class RunEvent(Reply):
    """One event of a run; ``seq`` grows by one. The other fields depend on ``type`` and stand in ``data``'s place.

    ``status``: ``status``. ``step``: ``name, status, attempt, detail``. ``progress``: ``done, total, failed`` (files; of a
    backup, restore or rebuild chunks; of an evaluation questions) and, of files, ``analysed``. ``citation``: the fields of
    ``CitationRead``. ``token``: ``text``. ``reset``: nothing. ``message``: ``message``. ``error``: ``error, message``.
    ``done``: ``status``.
    """

    model_config = ConfigDict(extra="allow")

    run_id: str
    seq: int
    type: EventType

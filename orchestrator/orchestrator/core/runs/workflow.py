"""What a workflow is: named steps, each of which can stop anywhere and be started again."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Protocol

from sqlalchemy.ext.asyncio import AsyncSession

from codemuse.contracts.runs import EventType, RunStatus


@dataclass(frozen=True, slots=True)
class RunView:
    """What a step may know of its run."""

    id: str
    kind: str
    organisation_id: str
    user_id: str | None
    repository_id: str | None
    session_id: str | None
    input: Mapping[str, Any]
    results: Mapping[str, Mapping[str, Any]]
    """Results of the steps that have ended, by name."""
    checkpoint: Mapping[str, Any]
    """Where the present step stopped before."""
    attempt: int


@dataclass(frozen=True, slots=True)
class Finished:
    """The step has ended; ``result`` is what later steps read."""

    result: Mapping[str, Any] = field(default_factory=dict)
    detail: Mapping[str, Any] = field(default_factory=dict)
    skipped: bool = False


@dataclass(frozen=True, slots=True)
class Unfinished:
    """The step did a part of its work and wants to be called again, so that other runs get their turn."""

    checkpoint: Mapping[str, Any] = field(default_factory=dict)
    detail: Mapping[str, Any] = field(default_factory=dict)
    after: timedelta = timedelta()
    """When it wants to be called."""


@dataclass(frozen=True, slots=True)
class Ending:
    """How a run ends."""

    status: RunStatus
    error: Mapping[str, Any] | None = None


class RunWriter(Protocol):
    """What a step may write while it works; each write fails when the lease is lost."""

    async def emit(self, kind: EventType, **data: Any) -> None:
        """Append an event to the run's stream."""
        ...


StepFunction = Callable[[RunView, RunWriter], Awaitable[Finished | Unfinished]]


@dataclass(frozen=True, slots=True)
class RunKind:
    """What is known of a kind of run before any of its code is."""

    name: str
    steps: tuple[str, ...]
    """In the order they run."""
    bulk: bool
    """Whether interactive work goes first."""
    patience: timedelta
    """How long a run may take altogether, waiting for dependencies included."""
    overtaken_after: str | None = None
    """The step after which a newer run of this kind on the same repository need not wait: what is left only makes better
    what is there, and gives way."""


INDEX = RunKind(
    "index",
    ("snapshot", "analyse", "index", "publish", "document", "refine"),
    bulk=True,
    patience=timedelta(hours=12),
    overtaken_after="document",
)
ASK = RunKind("ask", ("plan", "retrieve", "generate", "verify"), bulk=False, patience=timedelta(minutes=10))
DELETE = RunKind("delete", ("forget_index", "forget_sources"), bulk=True, patience=timedelta(days=7))
EVALUATE = RunKind("evaluate", ("questions", "prepare", "measure", "forget"), bulk=True, patience=timedelta(hours=2))
BACKUP = RunKind("backup", ("copy", "make_room"), bulk=True, patience=timedelta(hours=2))
_ANEW = ("begin", "repositories", "refine", "swap", "settle")
# They wait for runs of their own most of the time, which must not wait for them.
REBUILD = RunKind("rebuild", _ANEW, bulk=False, patience=timedelta(days=7))
RESTORE = RunKind("restore", _ANEW, bulk=False, patience=timedelta(days=7))
REINDEX = RunKind("reindex", ("write",), bulk=True, patience=timedelta(days=7))
RUN_KINDS = {kind.name: kind for kind in (INDEX, ASK, DELETE, EVALUATE, BACKUP, REBUILD, RESTORE, REINDEX)}


class Workflow(Protocol):
    """What the steps of a kind of run do."""

    kind: RunKind
    steps: Mapping[str, StepFunction]

    async def clean_up(self, run: RunView, ending: Ending) -> None:
        """Undo outside effects of a run that did not succeed; called again until it does not raise."""
        ...

    async def settle(
        self, session: AsyncSession, run: RunView, ending: Ending
    ) -> Sequence[tuple[EventType, dict[str, Any]]]:
        """Bring the workflow's own tables to the end, in the transaction that ends the run; returns last events."""
        ...

"""All queries on runs, steps, events and the outbox. Nothing here commits."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from codemuse.contracts.runs import EventType, RunStatus, StepStatus
from orchestrator.core.runs.workflow import RUN_KINDS, RunKind, RunView
from orchestrator.db.models import Outbox, Run, RunEventRow, RunStep

NOW = func.clock_timestamp()
ACTIVE = (RunStatus.QUEUED.value, RunStatus.RUNNING.value, RunStatus.WAITING.value)
Event = tuple[EventType, dict[str, Any]]


class LeaseLostError(Exception):
    """Somebody else holds the lease now; whatever we were about to write must not be written."""


@dataclass(frozen=True, slots=True)
class NewRun:
    """What is asked for."""

    organisation_id: str
    user_id: str | None
    title: str
    input: dict[str, Any]
    repository_id: str | None = None
    session_id: str | None = None
    idempotency_key: str | None = None
    request_hash: str | None = None
    request_id: str = ""


class RunStore:
    """Runs within one transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def create(self, new: NewRun, kind: RunKind) -> Run:
        """Store a run, its steps and its wake-up call."""
        run = Run(
            organisation_id=new.organisation_id,
            user_id=new.user_id,
            kind=kind.name,
            title=new.title,
            status=RunStatus.QUEUED,
            input=new.input,
            repository_id=new.repository_id,
            session_id=new.session_id,
            idempotency_key=new.idempotency_key,
            request_hash=new.request_hash,
            request_id=new.request_id,
            deadline_at=NOW + kind.patience,
            last_seq=1,
        )
        self._session.add(run)
        await self._session.flush()
        steps = [
            {"run_id": run.id, "position": position, "name": name, "status": StepStatus.PENDING}
            for position, name in enumerate(kind.steps)
        ]
        await self._session.execute(insert(RunStep), steps)
        await self._session.execute(
            insert(RunEventRow).values(run_id=run.id, seq=1, type=EventType.STATUS, data={"status": RunStatus.QUEUED})
        )
        await self.wake(run.id, kind.name)
        await self._session.refresh(run)
        return run

    async def wake(self, run_id: str, kind: str, after: timedelta = timedelta()) -> None:
        """Ask for a worker, now or later."""
        await self._session.execute(insert(Outbox).values(run_id=run_id, kind=kind, due_at=NOW + after))

    async def find(self, run_id: str) -> Run | None:
        """The run, fresh from the database."""
        return await self._session.get(Run, run_id, populate_existing=True)

    async def list_steps(self, run_ids: Sequence[str]) -> Sequence[RunStep]:
        """Steps of some runs, in order."""
        query = select(RunStep).where(RunStep.run_id.in_(run_ids)).order_by(RunStep.run_id, RunStep.position)
        return (await self._session.scalars(query.execution_options(populate_existing=True))).all()

    async def acquire(self, run_id: str, owner: str, lease: timedelta) -> Run | None:
        """Take the lease if it is free and no older run works on the same repository, unless it may be overtaken."""
        older = aliased(Run)
        blocked = (
            select(older.id)
            .where(
                older.repository_id == Run.repository_id,
                older.finished_at.is_(None),
                older.id != Run.id,
                or_(older.created_at < Run.created_at, and_(older.created_at == Run.created_at, older.id < Run.id)),
                ~or_(*(_overtakes(Run, older, kind) for kind in RUN_KINDS.values() if kind.overtaken_after)),
            )
            .exists()
        )
        taken = await self._session.scalar(
            update(Run)
            .where(
                Run.id == run_id,
                Run.finished_at.is_(None),
                or_(Run.lease_until.is_(None), Run.lease_until < NOW),
                ~blocked,
            )
            .values(
                lease_owner=owner,
                lease_until=NOW + lease,
                status=RunStatus.RUNNING,
                started_at=func.coalesce(Run.started_at, NOW),
            )
            .returning(Run.id)
        )
        return await self.find(taken) if taken else None

    async def renew(self, run_id: str, owner: str, lease: timedelta) -> datetime | None:
        """Keep the lease; returns when the run was asked to stop, if it was.

        Raises:
            LeaseLostError: The lease belongs to somebody else.
        """
        row = (
            await self._session.execute(
                update(Run)
                .where(Run.id == run_id, Run.lease_owner == owner)
                .values(lease_until=NOW + lease)
                .returning(Run.id, Run.cancel_requested_at)
            )
        ).one_or_none()
        if row is None:
            raise LeaseLostError(run_id)
        stop: datetime | None = row.cancel_requested_at
        return stop

    async def append(self, run_id: str, owner: str | None, events: Sequence[Event]) -> int:
        """Number and store events, as the holder of the lease (or, with ``None``, of a run that has no holder).

        Returns:
            The number of the last one.

        Raises:
            LeaseLostError: The lease belongs to somebody else.
        """
        holder = Run.lease_owner.is_(None) if owner is None else Run.lease_owner == owner
        last = await self._session.scalar(
            update(Run)
            .where(Run.id == run_id, holder)
            .values(last_seq=Run.last_seq + len(events))
            .returning(Run.last_seq)
        )
        if last is None:
            raise LeaseLostError(run_id)
        first = last - len(events) + 1
        rows = [
            {"run_id": run_id, "seq": first + offset, "type": kind.value, "data": data}
            for offset, (kind, data) in enumerate(events)
        ]
        if rows:
            await self._session.execute(insert(RunEventRow), rows)
        return int(last)

    async def release(self, run: RunView | Run, owner: str, status: RunStatus, wake_after: timedelta | None) -> None:
        """Give the lease back and, if more is to be done, ask for the next worker.

        Raises:
            LeaseLostError: The lease belongs to somebody else.
        """
        released = await self._session.scalar(
            update(Run)
            .where(Run.id == run.id, Run.lease_owner == owner)
            .values(lease_owner=None, lease_until=None, status=status, woken_at=NOW)
            .returning(Run.id)
        )
        if released is None:
            raise LeaseLostError(run.id)
        if wake_after is not None:
            await self.wake(run.id, run.kind, wake_after)

    async def set_step(self, run_id: str, name: str, **values: Any) -> None:
        """Change a step."""
        await self._session.execute(
            update(RunStep).where(RunStep.run_id == run_id, RunStep.name == name).values(**values)
        )

    async def request_cancel(self, run: Run) -> None:
        """Note that the run shall stop, and wake a worker that sees to it."""
        await self._session.execute(
            update(Run)
            .where(Run.id == run.id, Run.finished_at.is_(None), Run.cancel_requested_at.is_(None))
            .values(cancel_requested_at=NOW)
        )
        await self.wake(run.id, run.kind)

    async def wake_waiting(self, repository_id: str) -> None:
        """Ask for a worker for every run that waits for its turn on a repository."""
        waiting = select(Run.id, Run.kind, NOW).where(
            Run.repository_id == repository_id, Run.finished_at.is_(None), Run.lease_until.is_(None)
        )
        await self._session.execute(insert(Outbox).from_select(["run_id", "kind", "due_at"], waiting))

    async def list_events(self, run_id: str, after: int, limit: int = 500) -> Sequence[RunEventRow]:
        """Events that come after a number, in order."""
        query = select(RunEventRow).where(RunEventRow.run_id == run_id, RunEventRow.seq > after)
        return (await self._session.scalars(query.order_by(RunEventRow.seq).limit(limit))).all()

    async def take_due(self, limit: int) -> Sequence[tuple[str, str]]:
        """Remove due wake-up calls from the outbox; whoever fails to send them rolls back."""
        due = select(Outbox.id).where(Outbox.due_at <= NOW).order_by(Outbox.due_at).limit(limit)
        taken = await self._session.execute(
            delete(Outbox)
            .where(Outbox.id.in_(due.with_for_update(skip_locked=True)))
            .returning(Outbox.run_id, Outbox.kind)
            .execution_options(synchronize_session=False)
        )
        return [(row.run_id, row.kind) for row in taken]

    async def seconds_until_due(self) -> float | None:
        """Seconds until the next wake-up call is due; nothing when there is none."""
        seconds = await self._session.scalar(select(func.extract("epoch", func.min(Outbox.due_at) - NOW)))
        return None if seconds is None else max(0.0, float(seconds))

    async def wake_forgotten(self, queued_patience: timedelta) -> int:
        """Call again for every run that nobody holds and nobody was called for.

        A run whose lease ran out had a worker that died; a run without a lease whose call is older than
        ``queued_patience`` had its message lost.

        Returns:
            How many were called for.
        """
        called_for = select(Outbox.id).where(Outbox.run_id == Run.id).exists()
        forgotten = await self._session.execute(
            update(Run)
            .where(
                Run.finished_at.is_(None),
                ~called_for,
                or_(
                    Run.lease_until < NOW,
                    and_(Run.lease_until.is_(None), Run.woken_at < NOW - queued_patience),
                ),
            )
            .values(woken_at=NOW)
            .returning(Run.id, Run.kind)
        )
        rows = [{"run_id": row.id, "kind": row.kind} for row in forgotten]
        if rows:
            await self._session.execute(insert(Outbox), rows)
        return len(rows)


def _overtakes(newer: type[Run], older: type[Run], kind: RunKind) -> ColumnElement[bool]:
    """Whether both are of this kind, and the older one has done what the newer would have to wait for."""
    done = select(RunStep.run_id).where(
        RunStep.run_id == older.id, RunStep.name == kind.overtaken_after, RunStep.finished_at.is_not(None)
    )
    return and_(newer.kind == kind.name, older.kind == kind.name, done.exists())

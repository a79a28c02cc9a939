"""Carries runs forward, one step (or one slice of a step) at a time, under a lease."""

import asyncio
import contextlib
import uuid
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import structlog
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from codemuse.contracts.runs import EventType, RunStatus, StepStatus
from codemuse.database import Sessions
from codemuse.errors import CodeMuseError, Internal
from codemuse.logging import get_logger
from codemuse.request_context import begin_request
from orchestrator.core.runs.events import EventAnnouncer
from orchestrator.core.runs.outbox import OutboxRelay
from orchestrator.core.runs.store import NOW, Event, LeaseLostError, RunStore
from orchestrator.core.runs.workflow import Ending, Finished, RunView, Unfinished, Workflow
from orchestrator.db.models import Run, RunStep

_log = get_logger(__name__)

MAXIMUM_CRASHES = 5
"""Attempts a step gets before the run is given up: crashes and bugs, not dependencies that are away."""
_TRANSIENT = frozenset({429, 502, 503, 504})
_BULK_SHARE = 0.75
_WAIT_SECONDS = (1.0, 2.0, 5.0, 10.0, 15.0)


@dataclass(frozen=True, slots=True)
class LeasePolicy:
    """How long a lease lasts and how often it is renewed."""

    lease: timedelta
    heartbeat_seconds: float


class RunCancelledError(Exception):
    """Its owner asked the run to stop."""


class InterruptedByShutdownError(Exception):
    """This worker is going down; another one goes on."""


class LeasedWriter:
    """Writes events of a run while its lease is held."""

    def __init__(self, sessions: Sessions, announcer: EventAnnouncer, run_id: str, owner: str) -> None:
        self._sessions = sessions
        self._announcer = announcer
        self._run_id = run_id
        self._owner = owner

    async def emit(self, kind: EventType, **data: Any) -> None:
        """Append an event.

        Raises:
            LeaseLostError: The lease belongs to somebody else.
        """
        async with self._sessions.begin() as session:
            await RunStore(session).append(self._run_id, self._owner, [(kind, data)])
        await self._announcer.announce(self._run_id)


class RunEngine:
    """Advances runs. Calling it too often, or from many workers at once, is harmless."""

    def __init__(
        self,
        sessions: Sessions,
        announcer: EventAnnouncer,
        relay: OutboxRelay,
        workflows: Mapping[str, Workflow],
        policy: LeasePolicy,
        slots: int,
    ) -> None:
        self._sessions = sessions
        self._announcer = announcer
        self._relay = relay
        self._workflows = workflows
        self._policy = policy
        self._bulk_slots = asyncio.Semaphore(max(1, int(slots * _BULK_SHARE)))
        self._stopping = asyncio.Event()

    def stop(self) -> None:
        """Interrupt what is running; each run is handed to the next worker."""
        self._stopping.set()

    async def advance(self, run_id: str) -> None:
        """Take the lease and do the next piece of work; does nothing if somebody else is at it."""
        owner = uuid.uuid4().hex
        async with self._sessions.begin() as session:
            store = RunStore(session)
            run = None if self._stopping.is_set() else await store.acquire(run_id, owner, self._policy.lease)
            if run is None:
                return
            steps = list(await store.list_steps([run_id]))
        structlog.contextvars.bind_contextvars(run_id=run_id)
        begin_request(run.request_id or None)
        workflow = self._workflows[run.kind]
        try:
            if workflow.kind.bulk and self._bulk_slots.locked():
                await self._hand_over(run, owner, RunStatus.QUEUED, timedelta(seconds=1))
            elif workflow.kind.bulk:
                async with self._bulk_slots:
                    await self._work(run, steps, workflow, owner)
            else:
                await self._work(run, steps, workflow, owner)
        except LeaseLostError:
            _log.warning("lease lost; another worker goes on")
        except SQLAlchemyError as error:
            _log.warning("the database went away; the reaper takes over", reason=type(error).__name__)

    async def _work(self, run: Run, steps: list[RunStep], workflow: Workflow, owner: str) -> None:
        step = next((step for step in steps if step.status in {StepStatus.PENDING, StepStatus.RUNNING}), None)
        view = _view(run, steps, step)
        ending = await self._ending(run, step)
        if ending is not None or step is None:
            await self._end(view, workflow, owner, ending or Ending(RunStatus.SUCCEEDED))
            return
        await self._begin_step(view, step, owner)
        try:
            async with self._heartbeat(run.id, owner):
                outcome = await workflow.steps[step.name](
                    view, LeasedWriter(self._sessions, self._announcer, run.id, owner)
                )
        except RunCancelledError:
            await self._end(view, workflow, owner, Ending(RunStatus.CANCELLED))
        except InterruptedByShutdownError:
            await self._hand_over(run, owner, RunStatus.QUEUED, timedelta())
        except Internal as error:
            await self._crashed(view, step, workflow, owner, error)
        except CodeMuseError as error:
            await self._failed(view, step, workflow, owner, error)
        except (LeaseLostError, SQLAlchemyError):
            raise
        except Exception as error:  # noqa: BLE001 - the base of all tasks: a bug must end in the run's error, not in silence
            _log.error("step failed", step=step.name, exc_info=error)
            failure = Internal("Something went wrong on our side; the request id helps to find out what.")
            await self._crashed(view, step, workflow, owner, failure)
        else:
            await self._step_done(view, step, workflow, owner, outcome, last=step is steps[-1])

    async def _ending(self, run: Run, step: RunStep | None) -> Ending | None:
        """How the run is to end before its next step, if it is."""
        if run.ending is not None:
            return Ending(RunStatus(run.ending["status"]), run.ending.get("error"))
        if run.cancel_requested_at is not None:
            return Ending(RunStatus.CANCELLED)
        async with self._sessions() as session:
            overdue = await session.scalar(select(run.deadline_at < NOW))
        if overdue:
            return Ending(RunStatus.FAILED, _error("deadline_exceeded", "The run took longer than it may.", run))
        if step is not None and step.attempt >= MAXIMUM_CRASHES:
            message = f"The step '{step.name}' did not get through in {MAXIMUM_CRASHES} attempts."
            return Ending(RunStatus.FAILED, _error("step_crashed", message, run))
        return None

    async def _begin_step(self, view: RunView, step: RunStep, owner: str) -> None:
        async with self._sessions.begin() as session:
            store = RunStore(session)
            await store.set_step(
                view.id, step.name, status=StepStatus.RUNNING, attempt=view.attempt, started_at=step.started_at or NOW
            )
            events: list[Event] = []
            if step.status == StepStatus.PENDING:
                if step.position == 0:
                    events.append((EventType.STATUS, {"status": RunStatus.RUNNING}))
                events.append(_step_event(step.name, StepStatus.RUNNING, view.attempt, {}))
            await store.append(view.id, owner, events)
        if events:
            await self._announcer.announce(view.id)

    async def _step_done(
        self,
        view: RunView,
        step: RunStep,
        workflow: Workflow,
        owner: str,
        outcome: Finished | Unfinished,
        *,
        last: bool,
    ) -> None:
        detail = {**step.detail, **outcome.detail}
        if isinstance(outcome, Unfinished):
            async with self._sessions.begin() as session:
                store = RunStore(session)
                # A slice that got through proves that the step works: its count of crashes starts anew.
                await store.set_step(
                    view.id, step.name, attempt=view.attempt - 1, checkpoint=dict(outcome.checkpoint), detail=detail
                )
                await store.append(view.id, owner, [_step_event(step.name, StepStatus.RUNNING, view.attempt, detail)])
                await store.release(view, owner, RunStatus.RUNNING, outcome.after)
        else:
            status = StepStatus.SKIPPED if outcome.skipped else StepStatus.SUCCEEDED
            async with self._sessions.begin() as session:
                store = RunStore(session)
                await store.set_step(
                    view.id, step.name, status=status, result=dict(outcome.result), detail=detail, finished_at=NOW
                )
                await store.append(view.id, owner, [_step_event(step.name, status, view.attempt, detail)])
                if not last:
                    await store.release(view, owner, RunStatus.RUNNING, timedelta())
                if step.name == workflow.kind.overtaken_after and view.repository_id is not None:
                    await store.wake_waiting(view.repository_id)
        await self._announcer.announce(view.id)
        if isinstance(outcome, Finished) and last:
            results = {**view.results, step.name: outcome.result}
            warned = any(result.get("warnings") for result in results.values())
            success = RunStatus.SUCCEEDED_WITH_WARNINGS if warned else RunStatus.SUCCEEDED
            await self._end(replace(view, results=results), workflow, owner, Ending(success))
        else:
            self._relay.kick()

    async def _failed(self, view: RunView, step: RunStep, workflow: Workflow, owner: str, error: CodeMuseError) -> None:
        if error.status in _TRANSIENT:
            waits = int(view.checkpoint.get("waits", 0))
            seconds = max(_WAIT_SECONDS[min(waits, len(_WAIT_SECONDS) - 1)], error.retry_after or 0.0)
            detail = {**step.detail, "waiting_for": error.message, "code": error.public_code}
            async with self._sessions.begin() as session:
                store = RunStore(session)
                await store.set_step(
                    view.id,
                    step.name,
                    attempt=view.attempt - 1,
                    checkpoint={**view.checkpoint, "waits": waits + 1},
                )
                await store.append(
                    view.id,
                    owner,
                    [
                        (EventType.STATUS, {"status": RunStatus.WAITING, "reason": error.message}),
                        _step_event(step.name, StepStatus.RUNNING, view.attempt, detail),
                    ],
                )
                await store.release(view, owner, RunStatus.WAITING, timedelta(seconds=min(seconds, 60.0)))
            await self._announcer.announce(view.id)
            self._relay.kick()
            return
        if error.status >= 500:
            _log.error("step failed", step=step.name, code=error.public_code, exc_info=error)
        body = {"error": error.public_code, "message": error.message, "details": error.details}
        await self._end(view, workflow, owner, Ending(RunStatus.FAILED, body))

    async def _crashed(self, view: RunView, step: RunStep, workflow: Workflow, owner: str, failure: Internal) -> None:
        if view.attempt >= MAXIMUM_CRASHES:
            await self._failed(view, step, workflow, owner, failure)
        else:
            await self._hand_over(view, owner, RunStatus.RUNNING, timedelta(seconds=view.attempt))

    async def _end(self, view: RunView, workflow: Workflow, owner: str, ending: Ending) -> None:
        """Clean up, then end run and domain state in one transaction."""
        try:
            async with self._heartbeat(view.id, owner, heed_cancel=False):
                if ending.status not in {RunStatus.SUCCEEDED, RunStatus.SUCCEEDED_WITH_WARNINGS}:
                    await workflow.clean_up(view, ending)
        except (CodeMuseError, InterruptedByShutdownError) as error:
            _log.warning("cleaning up is tried again", reason=str(error))
            async with self._sessions.begin() as session:
                run = await RunStore(session).find(view.id)
                if run is not None:
                    run.ending = {"status": ending.status.value, "error": ending.error}
                await RunStore(session).release(view, owner, RunStatus.WAITING, timedelta(seconds=5))
            return
        async with self._sessions.begin() as session:
            store = RunStore(session)
            run = await store.find(view.id)
            if run is None or run.lease_owner != owner:
                raise LeaseLostError(view.id)
            last_events = await workflow.settle(session, view, ending)
            events: list[Event] = [*last_events]
            if ending.error is not None:
                run.error = {"request_id": run.request_id, **ending.error}
                events.append((EventType.ERROR, dict(run.error)))
                current = next(
                    (step for step in await store.list_steps([run.id]) if step.status == StepStatus.RUNNING), None
                )
                if current is not None:
                    await store.set_step(run.id, current.name, status=StepStatus.FAILED, finished_at=NOW)
                    events.append(_step_event(current.name, StepStatus.FAILED, current.attempt, current.detail))
            events.append((EventType.DONE, {"status": ending.status}))
            await session.flush()
            await store.append(view.id, owner, events)
            await store.release(view, owner, ending.status, None)
            run.finished_at = NOW
            await session.flush()
            if view.repository_id is not None:
                await store.wake_waiting(view.repository_id)
        self._relay.kick()
        await self._announcer.announce(view.id)
        _log.info("run ended", status=ending.status.value, kind=view.kind)

    async def _hand_over(self, run: Run | RunView, owner: str, status: RunStatus, after: timedelta) -> None:
        async with self._sessions.begin() as session:
            await RunStore(session).release(run, owner, status, after)
        self._relay.kick()

    @contextlib.asynccontextmanager
    async def _heartbeat(self, run_id: str, owner: str, *, heed_cancel: bool = True) -> AsyncIterator[None]:
        """Renew the lease beside the block; interrupt the block when the lease is lost or the run shall stop."""
        task = asyncio.current_task()
        reasons: list[Exception] = []
        ended = asyncio.Event()

        async def beat() -> None:
            while not reasons:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(self._policy.heartbeat_seconds):
                        await ended.wait()
                    return
                reasons.extend(await self._reasons_to_stop(run_id, owner, heed_cancel=heed_cancel))
            if task is not None and not ended.is_set():
                task.cancel()

        beating = asyncio.create_task(beat())
        try:
            yield
        except asyncio.CancelledError:
            if reasons:
                raise reasons[0] from None
            raise
        finally:
            ended.set()  # rather than cancelled: a query that is broken off costs its connection
            await asyncio.gather(beating, return_exceptions=True)
            if reasons and task is not None and task.cancelling():
                task.uncancel()

    async def _reasons_to_stop(self, run_id: str, owner: str, *, heed_cancel: bool) -> list[Exception]:
        if self._stopping.is_set():
            return [InterruptedByShutdownError()]
        try:
            async with self._sessions.begin() as session:
                stop = await RunStore(session).renew(run_id, owner, self._policy.lease)
        except LeaseLostError as error:
            return [error]
        except (SQLAlchemyError, OSError):
            return [LeaseLostError(run_id)]
        return [RunCancelledError()] if stop is not None and heed_cancel else []


def _view(run: Run, steps: list[RunStep], step: RunStep | None) -> RunView:
    return RunView(
        id=run.id,
        kind=run.kind,
        organisation_id=run.organisation_id,
        user_id=run.user_id,
        repository_id=run.repository_id,
        session_id=run.session_id,
        input=run.input,
        results={done.name: done.result for done in steps if done.status == StepStatus.SUCCEEDED},
        checkpoint=step.checkpoint if step else {},
        attempt=(step.attempt if step else 0) + 1,
    )


def _step_event(name: str, status: StepStatus, attempt: int, detail: Mapping[str, Any]) -> Event:
    return EventType.STEP, {"name": name, "status": status.value, "attempt": attempt, "detail": dict(detail)}


def _error(code: str, message: str, run: Run) -> dict[str, Any]:
    return {"error": code, "message": message, "request_id": run.request_id, "details": {}}

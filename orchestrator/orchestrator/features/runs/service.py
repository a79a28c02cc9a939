"""What can be done with runs."""

from collections.abc import AsyncIterator

from codemuse.contracts.runs import RunAccepted, RunEvent, RunFilePage, RunFileRead, RunPage, RunRead
from codemuse.database import Sessions
from orchestrator.core.audit import record
from orchestrator.core.pages import decode_cursor, next_cursor
from orchestrator.core.principal import Principal
from orchestrator.core.runs.events import EventReader
from orchestrator.core.runs.outbox import OutboxRelay
from orchestrator.core.runs.reading import read_run, read_runs
from orchestrator.core.runs.store import RunStore
from orchestrator.features.runs.repository import RunFilter, RunRepository


class RunService:
    """Runs that the caller may see."""

    def __init__(self, sessions: Sessions, events: EventReader, relay: OutboxRelay) -> None:
        self._sessions = sessions
        self._events = events
        self._relay = relay

    async def list_page(self, principal: Principal, chosen: RunFilter, cursor: str | None, limit: int) -> RunPage:
        """Runs, the newest first."""
        async with self._sessions() as session:
            rows = await RunRepository(session, principal).list_page(chosen, decode_cursor(cursor), limit)
            items = await read_runs(session, rows[:limit])
        return RunPage(items=items, next_cursor=next_cursor(rows, limit))

    async def get(self, principal: Principal, run_id: str) -> RunRead:
        """One run."""
        async with self._sessions() as session:
            return await read_run(session, await RunRepository(session, principal).get(run_id))

    async def list_files(
        self, principal: Principal, run_id: str, state: str | None, cursor: str | None, limit: int
    ) -> RunFilePage:
        """The ledger of an index run; the cursor is the last path seen."""
        async with self._sessions() as session:
            repository = RunRepository(session, principal)
            run = await repository.get(run_id)
            rows = await repository.list_files(run.id, state, cursor or "", limit)
        items = [RunFileRead.model_validate(row, from_attributes=True) for row in rows[:limit]]
        return RunFilePage(items=items, next_cursor=items[-1].path if len(rows) > limit else None)

    async def follow(self, principal: Principal, run_id: str, after: int) -> AsyncIterator[RunEvent]:
        """The run's events after a number; ownership is checked before the first."""
        async with self._sessions() as session:
            await RunRepository(session, principal).get(run_id)
        return self._events.follow(run_id, after)

    async def cancel(self, principal: Principal, run_id: str) -> RunAccepted:
        """Ask a run to stop; a run that has ended stays as it is."""
        async with self._sessions.begin() as session:
            run = await RunRepository(session, principal).get(run_id)
            if run.finished_at is None:
                await RunStore(session).request_cancel(run)
                record(
                    session,
                    "cancel_run",
                    organisation_id=principal.organisation_id,
                    user_id=principal.user_id,
                    run=run_id,
                )
            accepted = RunAccepted(run=await read_run(session, run))
        self._relay.kick()
        return accepted

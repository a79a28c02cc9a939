"""Backups and new indexes, as administrators ask for them."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from codemuse.clients.upkeep import UpkeepClient
from codemuse.contracts.upkeep import (
    BackupOrigin,
    BackupPage,
    BackupSchedule,
    IndexRead,
    UpkeepAccepted,
)
from codemuse.database import Sessions
from codemuse.errors import Conflict, NotFound
from codemuse.request_context import current_request_id
from orchestrator.core.audit import record
from orchestrator.core.operators import find_home, require_operator
from orchestrator.core.principal import Principal
from orchestrator.core.runs.outbox import OutboxRelay
from orchestrator.core.runs.reading import read_run
from orchestrator.core.runs.store import NewRun, RunStore
from orchestrator.core.runs.workflow import BACKUP, REBUILD, RESTORE, RunKind
from orchestrator.features.upkeep.repository import UPKEEP, UpkeepRepository


class UpkeepService:
    """What administrators of the installation may do with the index as a whole.

    Args:
        sessions: Postgres.
        upkeep: rag-server.
        relay: Wakes workers.
        every: How often a backup is made by itself; zero for never.
        kept: How many of those are kept.
    """

    def __init__(
        self, sessions: Sessions, upkeep: UpkeepClient, relay: OutboxRelay, every: timedelta, kept: int
    ) -> None:
        self._sessions = sessions
        self._upkeep = upkeep
        self._relay = relay
        self._every = every
        self._kept = kept

    async def read_index(self, principal: Principal) -> IndexRead:
        """How the index is."""
        await self._require_operator(principal)
        return await self._upkeep.read_index()

    async def rebuild(self, principal: Principal) -> UpkeepAccepted:
        """Make the index anew from Postgres and the mirrors.

        Raises:
            Conflict: Upkeep is under way.
        """
        return await self._start(principal, REBUILD, {"reason": "asked"})

    async def create_backup(self, principal: Principal) -> UpkeepAccepted:
        """Copy the index as it is now.

        Raises:
            Conflict: Upkeep is under way.
        """
        return await self._start(principal, BACKUP, {"origin": BackupOrigin.PERSON.value})

    async def list_backups(self, principal: Principal) -> BackupPage:
        """All backups, and when the next one is made by itself."""
        await self._require_operator(principal)
        backups = await self._upkeep.list_backups()
        schedule = BackupSchedule(every_hours=self._every / timedelta(hours=1), kept=self._kept)
        if self._every:
            async with self._sessions() as session:
                last = await UpkeepRepository(session).last_scheduled_backup()
            schedule.next_at = max(last + self._every, datetime.now(UTC)) if last else datetime.now(UTC)
        return BackupPage(items=backups.items, schedule=schedule)

    async def delete_backup(self, principal: Principal, backup_id: str) -> None:
        """Remove a backup.

        Raises:
            NotFound: There is no such backup.
        """
        await self._require_known(principal)
        await self._upkeep.delete_backup(backup_id)
        async with self._sessions.begin() as session:
            _audit(session, principal, "delete_backup", backup=backup_id)

    async def restore(self, principal: Principal, backup_id: str) -> UpkeepAccepted:
        """Put the index back to a backup, and bring it up to what is published.

        Raises:
            NotFound: There is no such backup.
            InvalidInput: Its manifest cannot be read.
            Conflict: Upkeep is under way.
        """
        await self._require_known(principal)
        await self._upkeep.get_backup(backup_id)
        return await self._start(principal, RESTORE, {"backup": backup_id})

    async def _start(self, principal: Principal, kind: RunKind, asked: dict[str, Any]) -> UpkeepAccepted:
        await self._require_operator(principal)
        async with self._sessions.begin() as session:
            repository = UpkeepRepository(session)
            await repository.lock()
            if (active := await repository.find_active(*UPKEEP)) is not None:
                message = f"A {active.kind} is under way already; follow its run {active.id}, or cancel it."
                raise Conflict(message, code="upkeep_under_way", run=active.id)
            new = NewRun(
                organisation_id=principal.organisation_id,
                user_id=principal.user_id,
                title="",
                input=asked,
                request_id=current_request_id(),
            )
            run = await RunStore(session).create(new, kind)
            _audit(session, principal, kind.name, run=run.id)
            accepted = UpkeepAccepted(run=await read_run(session, run))
        self._relay.kick()
        return accepted

    async def _require_operator(self, principal: Principal) -> None:
        """The index holds everybody's code."""
        async with self._sessions() as session:
            await require_operator(session, principal)

    async def _require_known(self, principal: Principal) -> None:
        """The same, where a backup is named: to others there is none."""
        principal.require_admin()
        if not await self._is_home(principal):
            raise NotFound("There is no such backup.", code="backup_not_found")

    async def _is_home(self, principal: Principal) -> bool:
        async with self._sessions() as session:
            return await find_home(session) == principal.organisation_id


def _audit(session: AsyncSession, principal: Principal, action: str, **detail: Any) -> None:
    record(session, action, organisation_id=principal.organisation_id, user_id=principal.user_id, **detail)

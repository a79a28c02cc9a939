"""What is begun without anybody asking: backups that are due, and a new index where the models changed or the old one is lost."""

import asyncio
import contextlib
from datetime import timedelta
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from codemuse.clients.upkeep import UpkeepClient
from codemuse.contracts.upkeep import BackupOrigin, IndexRead, IndexState
from codemuse.database import Sessions
from codemuse.errors import CodeMuseError
from codemuse.logging import get_logger
from orchestrator.core.lost_index import INDEX_LOST
from orchestrator.core.operators import find_home
from orchestrator.core.runs.outbox import OutboxRelay
from orchestrator.core.runs.store import NewRun, RunStore
from orchestrator.core.runs.workflow import BACKUP, REBUILD, RunKind
from orchestrator.features.upkeep.repository import UPKEEP, UpkeepRepository

_log = get_logger(__name__)

RETRY_AFTER = timedelta(minutes=10)
"""An index that could not be built anew is tried again."""


class UpkeepSchedule:
    """Looks now and then. Every worker does; a lock lets one of them begin.

    Args:
        sessions: Postgres.
        upkeep: rag-server.
        relay: Wakes workers.
        backup_every: How often the index is backed up; zero for never.
        look_every: How often is looked.
    """

    def __init__(
        self,
        sessions: Sessions,
        upkeep: UpkeepClient,
        relay: OutboxRelay,
        *,
        backup_every: timedelta,
        look_every: timedelta,
    ) -> None:
        self._sessions = sessions
        self._upkeep = upkeep
        self._relay = relay
        self._backup_every = backup_every
        self._look_every = look_every

    async def run(self) -> None:
        """Look until cancelled."""
        while True:
            await asyncio.sleep(self._look_every.total_seconds())
            with contextlib.suppress(OSError, SQLAlchemyError, CodeMuseError):
                await self.look()

    async def look(self) -> None:
        """Begin what is due."""
        async with self._sessions() as session:
            has_chunks = await UpkeepRepository(session).count_chunks() > 0
        index = await self._upkeep.read_index()
        reason = _why_anew(index, has_chunks=has_chunks)
        async with self._sessions.begin() as session:
            repository = UpkeepRepository(session)
            await repository.lock()
            home = await find_home(session)
            if home is None or await repository.find_active(*UPKEEP) is not None:
                return
            store = RunStore(session)
            if reason and not await repository.has_failed_since(RETRY_AFTER):
                await _begin(store, home, REBUILD, reason=reason)
            elif self._backup_every and index.state is IndexState.OPEN and await repository.is_due(self._backup_every):
                await _begin(store, home, BACKUP, origin=BackupOrigin.SCHEDULE.value)
        self._relay.kick()


def _why_anew(index: IndexRead, *, has_chunks: bool) -> str:
    """Why the index must be made anew, if it must.

    Args:
        index: How it is.
        has_chunks: Whether Postgres knew, before the index was asked, of any that it must hold.
    """
    if index.state is IndexState.OUTDATED:
        return "models_changed"
    return INDEX_LOST if index.state is IndexState.OPEN and has_chunks and not index.chunk_count else ""


async def _begin(store: RunStore, organisation_id: str, kind: RunKind, **asked: Any) -> None:
    run = await store.create(NewRun(organisation_id=organisation_id, user_id=None, title="", input=asked), kind)
    _log.info("upkeep begins", kind=kind.name, run=run.id, **asked)

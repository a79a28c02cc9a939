"""The ``backup`` run: the index is copied while it serves, and older copies make room."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from codemuse.clients.upkeep import UpkeepClient
from codemuse.contracts.runs import EventType
from codemuse.contracts.upkeep import BackupCreate, BackupOrigin
from codemuse.database import Sessions
from codemuse.errors import CodeMuseError, Conflict, NotFound
from orchestrator.core.runs.workflow import BACKUP, Ending, Finished, RunView, RunWriter, StepFunction
from orchestrator.features.upkeep.repository import UpkeepRepository

_HOPELESS = frozenset({"disk_full", "index_damaged"})
"""Waiting would change nothing, and keep people from what does."""


class BackupWorkflow:
    """From the index to a backup."""

    kind = BACKUP

    def __init__(self, sessions: Sessions, upkeep: UpkeepClient, kept: int) -> None:
        self._sessions = sessions
        self._upkeep = upkeep
        self._kept = kept
        self.steps: Mapping[str, StepFunction] = {"copy": self._copy, "make_room": self._make_room}

    async def clean_up(self, run: RunView, ending: Ending) -> None:
        """A copy that did not become complete was removed by whoever made it."""

    async def settle(
        self, session: AsyncSession, run: RunView, ending: Ending
    ) -> Sequence[tuple[EventType, dict[str, Any]]]:
        """The manifest is all that is remembered."""
        del session, run, ending
        return []

    async def _copy(self, run: RunView, writer: RunWriter) -> Finished:
        """Copy the index, with a note of which versions are published.

        Raises:
            Conflict: There is no room for it, or the index cannot be read.
        """
        async with self._sessions() as session:
            states = await UpkeepRepository(session).list_states()
        chunk_count = (await self._upkeep.read_index()).chunk_count
        await writer.emit(EventType.PROGRESS, done=0, total=chunk_count, failed=0)
        wanted = BackupCreate(id=run.id, origin=BackupOrigin(run.input["origin"]), repositories=states)
        try:
            made = await self._upkeep.create_backup(wanted)
        except CodeMuseError as error:
            if error.public_code not in _HOPELESS:
                raise
            raise Conflict(error.message, code=error.public_code) from None
        await writer.emit(EventType.PROGRESS, done=made.chunk_count, total=made.chunk_count, failed=0)
        detail = {"backup": made.id, "chunks": made.chunk_count, "bytes": made.byte_count}
        return Finished(detail, detail)

    async def _make_room(self, run: RunView, _writer: RunWriter) -> Finished:
        """Remove the oldest of those that were made by themselves."""
        if run.input["origin"] != BackupOrigin.SCHEDULE:
            return Finished(skipped=True)
        listed = (await self._upkeep.list_backups()).items
        scheduled = [backup for backup in listed if backup.origin is BackupOrigin.SCHEDULE and backup.is_complete]
        for backup in scheduled[self._kept :]:
            try:
                await self._upkeep.delete_backup(backup.id)
            except NotFound:
                continue
        return Finished(detail={"removed": len(scheduled[self._kept :])})

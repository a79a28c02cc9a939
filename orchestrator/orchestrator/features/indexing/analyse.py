"""Step ``analyse``: docgen-server parses what changed, batch by batch."""

import time

from codemuse.clients.docgen import DocgenClient
from codemuse.contracts.runs import EventType, FileState
from codemuse.database import Sessions
from codemuse.errors import CodeMuseError
from orchestrator.core.runs.workflow import Finished, RunView, RunWriter, Unfinished
from orchestrator.features.indexing.ledger import Ledger

SLICE_SECONDS = 3.0
"""After this long other runs get their turn."""
_BATCH = 128
_BROKE_OFF = "service_interrupted"


class AnalyseStep:
    """Works through pending files."""

    def __init__(self, sessions: Sessions, docgen: DocgenClient) -> None:
        self._sessions = sessions
        self._docgen = docgen

    async def __call__(self, run: RunView, writer: RunWriter) -> Finished | Unfinished:
        """Analyse until no file is pending or the slice is over."""
        snapshot_id = str(run.results["snapshot"]["snapshot_id"])
        began = time.monotonic()
        while time.monotonic() - began < SLICE_SECONDS:
            async with self._sessions.begin() as session:
                paths = await Ledger(session, run.id).claim_pending(_BATCH)
            if not paths:
                return await self._finish(run)
            await self._analyse(run, snapshot_id, paths)
            async with self._sessions() as session:
                progress = await Ledger(session, run.id).progress()
            await writer.emit(EventType.PROGRESS, **progress.model_dump())
        return Unfinished()

    async def _analyse(self, run: RunView, snapshot_id: str, paths: list[str]) -> None:
        try:
            reply = await self._docgen.analyse(snapshot_id, paths)
        except CodeMuseError as error:
            if error.public_code != _BROKE_OFF:
                async with self._sessions.begin() as session:
                    await Ledger(session, run.id).unclaim(paths)
            raise
        async with self._sessions.begin() as session:
            await Ledger(session, run.id).note_outcomes(reply.files)

    async def _finish(self, run: RunView) -> Finished:
        async with self._sessions() as session:
            ledger = Ledger(session, run.id)
            quarantined = await ledger.count(FileState.QUARANTINED)
            analysed = await ledger.count(FileState.ANALYSED, FileState.INDEXED)
        detail = {"analysed": analysed, "quarantined": quarantined}
        return Finished({**detail, "warnings": quarantined}, detail)

"""Step ``analyse``: docgen-server parses what changed, batch by batch, while rag-server takes the batch before."""

import time
from collections.abc import Sequence

from codemuse.clients.docgen import DocgenClient
from codemuse.contracts.runs import EventType, FileState
from codemuse.database import Sessions
from codemuse.errors import CodeMuseError
from codemuse.logging import get_logger
from orchestrator.core.runs.workflow import Finished, RunView, RunWriter, Unfinished
from orchestrator.db.models import RunFile
from orchestrator.features.indexing.ledger import Ledger
from orchestrator.features.indexing.writing import ChunkWriter, Counts, all_done, counted

_log = get_logger(__name__)

SLICE_SECONDS = 3.0
"""After this long other runs get their turn."""
_BATCH = 96
_BROKE_OFF = "service_interrupted"


class AnalyseStep:
    """Works through pending files."""

    def __init__(self, sessions: Sessions, docgen: DocgenClient, chunks: ChunkWriter) -> None:
        self._sessions = sessions
        self._docgen = docgen
        self._chunks = chunks

    async def __call__(self, run: RunView, writer: RunWriter) -> Finished | Unfinished:
        """Analyse until no file is pending or the slice is over."""
        counts = counted(run.checkpoint)
        began = time.monotonic()
        while time.monotonic() - began < SLICE_SECONDS:
            async with self._sessions.begin() as session:
                ledger = Ledger(session, run.id)
                paths = await ledger.claim_pending(_BATCH)
                analysed = await ledger.list_unwritten(_BATCH) if paths else []
            if not paths:
                return await self._finish(run, counts)
            _, written = await all_done(self._analyse(run, paths), self._write_ahead(run, analysed))
            counts = counted(counts, written)
            async with self._sessions() as session:
                progress = await Ledger(session, run.id).progress()
            await writer.emit(EventType.PROGRESS, **progress.model_dump())
        return Unfinished(counts)

    async def _analyse(self, run: RunView, paths: list[str]) -> None:
        try:
            reply = await self._docgen.analyse(str(run.results["snapshot"]["snapshot_id"]), paths)
        except CodeMuseError as error:
            if error.public_code != _BROKE_OFF:
                async with self._sessions.begin() as session:
                    await Ledger(session, run.id).unclaim(paths)
            raise
        async with self._sessions.begin() as session:
            await Ledger(session, run.id).note_outcomes(reply.files)

    async def _write_ahead(self, run: RunView, files: Sequence[RunFile]) -> Counts:
        """Write what was analysed before; what cannot be is left to the step ``index``, which says why."""
        try:
            return await self._chunks.write(run, files)
        except CodeMuseError as error:
            _log.info("chunks wait until all files are analysed", reason=error.message)
            return {}

    async def _finish(self, run: RunView, counts: Counts) -> Finished:
        async with self._sessions() as session:
            ledger = Ledger(session, run.id)
            quarantined = await ledger.count(FileState.QUARANTINED)
            analysed = await ledger.count(FileState.ANALYSED, FileState.INDEXED)
        detail = {"analysed": analysed, "quarantined": quarantined}
        return Finished({**counts, **detail, "warnings": quarantined}, detail)

"""Step ``index``: what of the new generation was not written while files were analysed."""

import time

from codemuse.contracts.runs import EventType
from codemuse.database import Sessions
from orchestrator.core.runs.workflow import Finished, RunView, RunWriter, Unfinished
from orchestrator.features.indexing.ledger import Ledger
from orchestrator.features.indexing.writing import ChunkWriter, all_done, counted

SLICE_SECONDS = 3.0
_BATCH = 96
_SIDE_BY_SIDE = 2


class IndexStep:
    """Completes the new generation."""

    def __init__(self, sessions: Sessions, chunks: ChunkWriter) -> None:
        self._sessions = sessions
        self._chunks = chunks

    async def __call__(self, run: RunView, writer: RunWriter) -> Finished | Unfinished:
        """Write until rag-server knows every file or the slice is over."""
        counts = counted(run.checkpoint if "inserted" in run.checkpoint else run.results["analyse"])
        began = time.monotonic()
        while time.monotonic() - began < SLICE_SECONDS:
            async with self._sessions() as session:
                files = await Ledger(session, run.id).list_unwritten(_BATCH * _SIDE_BY_SIDE)
            if not files:
                return Finished(counts, counts)
            batches = [files[start : start + _BATCH] for start in range(0, len(files), _BATCH)]
            counts = counted(counts, *await all_done(*(self._chunks.write(run, batch) for batch in batches)))
            async with self._sessions() as session:
                progress = await Ledger(session, run.id).progress()
            await writer.emit(EventType.PROGRESS, **progress.model_dump())
        return Unfinished(counts, counts)

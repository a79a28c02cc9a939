"""Step ``index``: chunks of what changed go to rag-server, which keeps them invisible until they are published."""

import asyncio
import time
from collections import defaultdict
from collections.abc import Sequence

from codemuse.clients.docgen import DocgenClient
from codemuse.clients.rag import RagClient
from codemuse.contracts.chunks import Chunk
from codemuse.contracts.rag import FileChunks, GenerationWrite, GenerationWritten
from codemuse.contracts.runs import EventType, FileState
from codemuse.database import Sessions
from orchestrator.core.runs.workflow import Finished, RunView, RunWriter, Unfinished
from orchestrator.db.models import RunFile
from orchestrator.features.indexing.ledger import Ledger

SLICE_SECONDS = 3.0
_BATCH = 96
_SIDE_BY_SIDE = 2
_COUNTED = ("inserted", "kept", "closed", "embedded", "reused")


class IndexStep:
    """Writes the new generation."""

    def __init__(self, sessions: Sessions, docgen: DocgenClient, rag: RagClient) -> None:
        self._sessions = sessions
        self._docgen = docgen
        self._rag = rag

    async def __call__(self, run: RunView, writer: RunWriter) -> Finished | Unfinished:
        """Write until rag-server knows every file or the slice is over."""
        counts = {name: int(run.checkpoint.get(name, 0)) for name in _COUNTED}
        began = time.monotonic()
        while time.monotonic() - began < SLICE_SECONDS:
            async with self._sessions() as session:
                files = await Ledger(session, run.id).list_unwritten(_BATCH * _SIDE_BY_SIDE)
            if not files:
                return Finished(counts, counts)
            batches = [files[start : start + _BATCH] for start in range(0, len(files), _BATCH)]
            for written in await asyncio.gather(*(self._write(run, batch) for batch in batches)):
                counts = {name: counts[name] + getattr(written, name) for name in _COUNTED}
            async with self._sessions() as session:
                progress = await Ledger(session, run.id).progress()
            await writer.emit(EventType.PROGRESS, **progress.model_dump())
        return Unfinished(counts, counts)

    async def _write(self, run: RunView, files: Sequence[RunFile]) -> GenerationWritten:
        snapshot = run.results["snapshot"]
        analysed = [file.path for file in files if file.state == FileState.ANALYSED]
        chunks: dict[str, list[Chunk]] = defaultdict(list)
        if analysed:
            for chunk in (await self._docgen.get_chunks(str(snapshot["snapshot_id"]), analysed)).chunks:
                chunks[chunk.path].append(chunk)
        body = GenerationWrite(
            organisation_id=run.organisation_id,
            commit=str(snapshot["commit"]),
            files=[FileChunks(path=file.path, chunks=chunks[file.path]) for file in files],
        )
        written = await self._rag.write_files(run.repository_id or "", int(snapshot["generation"]), body)
        async with self._sessions.begin() as session:
            await Ledger(session, run.id).note_written([file.path for file in files])
        return written

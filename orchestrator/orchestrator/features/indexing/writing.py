"""Chunks of analysed files on their way to rag-server, which keeps them invisible until they are published."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Mapping, Sequence
from typing import Any

from codemuse.clients.docgen import DocgenClient
from codemuse.clients.rag import RagClient
from codemuse.contracts.chunks import Chunk
from codemuse.contracts.rag import FileChunks, GenerationWrite, GenerationWritten
from codemuse.contracts.runs import FileState
from codemuse.database import Sessions
from orchestrator.core.runs.workflow import RunView
from orchestrator.db.models import RunFile
from orchestrator.features.indexing.ledger import Ledger

Counts = dict[str, int]
_COUNTED = ("inserted", "kept", "closed", "embedded", "reused")


class ChunkWriter:
    """Writes files of a run into the new generation."""

    def __init__(self, sessions: Sessions, docgen: DocgenClient, rag: RagClient) -> None:
        self._sessions = sessions
        self._docgen = docgen
        self._rag = rag

    async def write(self, run: RunView, files: Sequence[RunFile]) -> Counts:
        """Give rag-server the new state of some files, and note that it knows it; what that changed there."""
        if not files:
            return {}
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
        return _counts_of(written)


async def all_done(*works: Awaitable[Any]) -> list[Any]:
    """What several works gave, side by side; where one fails, the others are still waited for: a step leaves nothing behind."""
    outcomes = await asyncio.gather(*works, return_exceptions=True)
    for outcome in outcomes:
        if isinstance(outcome, BaseException):
            raise outcome
    return outcomes


def counted(*parts: Mapping[str, Any]) -> Counts:
    """What several writes changed, or what a step has noted of them."""
    return {name: sum(int(part.get(name, 0)) for part in parts) for name in _COUNTED}


def _counts_of(written: GenerationWritten) -> Counts:
    return {name: getattr(written, name) for name in _COUNTED}

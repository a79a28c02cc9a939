"""Steps ``prepare`` and ``forget``: an index of its own for questions whose words stand in the code.

A question made from a doc comment would find the comment, one made from a test the test. So the snapshot is indexed once
more under the id of the run, without those lines. Vectors are content-addressed: only what was cut is embedded.
"""

import time
from collections import defaultdict
from collections.abc import Mapping

from codemuse.clients.docgen import DocgenClient
from codemuse.clients.rag import RagClient
from codemuse.contracts.chunks import Chunk
from codemuse.contracts.rag import FileChunks, GenerationWrite, RefineRequest
from orchestrator.core.runs.workflow import Finished, RunView, RunWriter, Unfinished
from orchestrator.features.evaluations.cutting import Spans, cut

SLICE_SECONDS = 3.0
GENERATION = 1
LARGEST_CHUNKS = 30_000
"""Of a repository that is indexed once more; questions that would need it are left out of larger ones."""
_FILES = 96
_REFINE_BATCH = 64


class PrepareStep:
    """Writes the index without the hidden lines, if any are hidden."""

    def __init__(self, docgen: DocgenClient, rag: RagClient) -> None:
        self._docgen = docgen
        self._rag = rag

    async def __call__(self, run: RunView, _writer: RunWriter) -> Finished | Unfinished:
        """Write and refine until all is there or the slice is over."""
        hidden: Mapping[str, Spans] = run.results["questions"].get("hidden", {})
        if not hidden:
            return Finished(skipped=True)
        state = {"files": 0, "cursor": None, "written": False} | dict(run.checkpoint)
        began = time.monotonic()
        while time.monotonic() - began < SLICE_SECONDS:
            if not state["written"]:
                state = await self._write(run, state, hidden)
                continue
            reply = await self._rag.refine(
                run.id, RefineRequest(organisation_id=run.organisation_id, limit=_REFINE_BATCH)
            )
            if reply.remaining == 0:
                return Finished({"shadow": run.id}, {"files": state["files"]})
        return Unfinished(state, {"files": state["files"]})

    async def _write(self, run: RunView, state: Mapping[str, object], hidden: Mapping[str, Spans]) -> dict[str, object]:
        """The next files."""
        snapshot_id, cursor = str(run.input["snapshot_id"]), state["cursor"]
        page = await self._docgen.get_manifest(snapshot_id, str(cursor) if cursor else None, _FILES)
        paths = [file.path for file in page.items if file.is_analysed and file.skip_reason is None]
        if paths:
            chunks: dict[str, list[Chunk]] = defaultdict(list)
            for chunk in cut((await self._docgen.get_chunks(snapshot_id, paths)).chunks, hidden):
                chunks[chunk.path].append(chunk)
            files = [FileChunks(path=path, chunks=chunks[path]) for path in paths]
            body = GenerationWrite(organisation_id=run.organisation_id, commit=str(run.input["commit"]), files=files)
            await self._rag.write_files(run.id, GENERATION, body)
        done = int(str(state["files"])) + len(paths)
        return {"files": done, "cursor": page.next_cursor, "written": page.next_cursor is None}


class ForgetStep:
    """Removes that index."""

    def __init__(self, rag: RagClient) -> None:
        self._rag = rag

    async def __call__(self, run: RunView, _writer: RunWriter) -> Finished:
        """Remove it, if it was made."""
        if "shadow" not in run.results.get("prepare", {}):
            return Finished(skipped=True)
        await self._rag.delete_repository(run.organisation_id, run.id)
        return Finished()

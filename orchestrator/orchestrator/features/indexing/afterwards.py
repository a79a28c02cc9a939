"""Steps ``document`` and ``refine``: what makes a published generation better while it is already being searched."""

import time

from codemuse.clients.documents import DocumentsClient
from codemuse.clients.rag import RagClient
from codemuse.contracts.documents import DocumentsGenerate
from codemuse.contracts.rag import RefineRequest
from codemuse.database import Sessions
from orchestrator.core.runs.workflow import Finished, RunView, RunWriter, Unfinished
from orchestrator.db.models import Repository
from orchestrator.db.versions import VersionLookup

SLICE_SECONDS = 3.0
_REFINE_BATCH = 64
_RECENT_GENERATIONS = 2
"""The published generation and the one before it, which searches that began earlier still read."""


class DocumentStep:
    """Renders documents."""

    def __init__(self, documents: DocumentsClient) -> None:
        self._documents = documents

    async def __call__(self, run: RunView, _writer: RunWriter) -> Finished | Unfinished:
        """Render what is not right any more; a language model that has more to write gets another turn."""
        snapshot_id = str(run.results["snapshot"]["snapshot_id"])
        body = DocumentsGenerate(snapshot_id=snapshot_id, organisation_id=run.organisation_id)
        done = await self._documents.generate(body)
        detail = done.model_dump() | {
            name: getattr(done, name) + int(run.checkpoint.get(name, 0)) for name in ("rendered", "summaries_written")
        }
        if done.summaries_stopped == "time" and done.summaries_written:
            return Unfinished(detail, detail)
        return Finished(detail, detail)


class RefineStep:
    """Has transformer vectors filled in, and generations removed that nobody needs."""

    def __init__(self, sessions: Sessions, rag: RagClient) -> None:
        self._sessions = sessions
        self._rag = rag

    async def __call__(self, run: RunView, _writer: RunWriter) -> Finished | Unfinished:
        """Refine until nothing is left or the slice is over."""
        repository_id = run.repository_id or ""
        refined = int(run.checkpoint.get("refined", 0))
        began = time.monotonic()
        while time.monotonic() - began < SLICE_SECONDS:
            body = RefineRequest(organisation_id=run.organisation_id, limit=_REFINE_BATCH)
            reply = await self._rag.refine(repository_id, body)
            refined += reply.refined
            if reply.remaining == 0:
                await self._finish(run, repository_id)
                return Finished({"refined": refined}, {"refined": refined, "remaining": 0})
        detail = {"refined": refined, "remaining": reply.remaining}
        return Unfinished({"refined": refined}, detail)

    async def _finish(self, run: RunView, repository_id: str) -> None:
        published = int(run.results["publish"]["generation"])
        async with self._sessions.begin() as session:
            versions = VersionLookup(session)
            keep_from = await versions.oldest_needed(repository_id, published, _RECENT_GENERATIONS)
            await versions.forget_before(repository_id, keep_from)
        if keep_from > 1:
            await self._rag.prune(run.organisation_id, repository_id, keep_from)
        async with self._sessions.begin() as session:
            repository = await session.get(Repository, repository_id, with_for_update=True)
            if repository is not None:
                repository.refined = True

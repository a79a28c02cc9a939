"""Steps ``document`` and ``refine``: what makes a published generation better while it is already being searched."""

import time
from datetime import timedelta

from sqlalchemy import select

from codemuse.clients.documents import DocumentsClient
from codemuse.clients.rag import RagClient
from codemuse.contracts.documents import DocumentsGenerate
from codemuse.contracts.rag import RefineRequest
from codemuse.database import Sessions
from orchestrator.core.runs.workflow import Finished, RunView, RunWriter, Unfinished
from orchestrator.db.models import Repository, Run
from orchestrator.db.versions import VersionLookup

SLICE_SECONDS = 3.0
GIVES_WAY_SECONDS = 1.0
"""So long it waits before it looks again whether a newer run has come through."""
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
        """Refine until nothing is left or the slice is over; a newer run of the repository goes first."""
        repository_id = run.repository_id or ""
        refined = int(run.checkpoint.get("refined", 0))
        began = time.monotonic()
        while time.monotonic() - began < SLICE_SECONDS:
            if await self._is_replaced(run):
                return Finished({"refined": refined}, {"refined": refined})
            if await self._is_overtaken(run):
                return Unfinished({"refined": refined}, {"refined": refined}, timedelta(seconds=GIVES_WAY_SECONDS))
            body = RefineRequest(organisation_id=run.organisation_id, limit=_REFINE_BATCH)
            reply = await self._rag.refine(repository_id, body)
            refined += reply.refined
            if reply.remaining == 0:
                await self._finish(run, repository_id)
                return Finished({"refined": refined}, {"refined": refined, "remaining": 0})
        detail = {"refined": refined, "remaining": reply.remaining}
        return Unfinished({"refined": refined}, detail)

    async def _is_replaced(self, run: RunView) -> bool:
        """Whether a newer generation is published, whose own run refines what is left."""
        async with self._sessions() as session:
            generation = await session.scalar(select(Repository.generation).where(Repository.id == run.repository_id))
        return generation is not None and generation > int(run.results["publish"]["generation"])

    async def _is_overtaken(self, run: RunView) -> bool:
        """Whether a newer run writes the next generation, which may still fail."""
        created_at = select(Run.created_at).where(Run.id == run.id).scalar_subquery()
        newer = select(Run.id).where(
            Run.repository_id == run.repository_id,
            Run.kind == run.kind,
            Run.finished_at.is_(None),
            Run.created_at > created_at,
        )
        async with self._sessions() as session:
            return bool(await session.scalar(select(newer.exists())))

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

"""Steps ``refine`` and ``settle``: what lacks the transformer's vectors gets them, in the build or in what is searched."""

import time
from collections.abc import Sequence

from codemuse.clients.rag import RagClient
from codemuse.clients.upkeep import BuildClient
from codemuse.contracts.rag import RefineReply, RefineRequest
from codemuse.contracts.runs import EventType
from codemuse.contracts.upkeep import Owner, RepositoryState
from codemuse.database import Sessions
from orchestrator.core.runs.workflow import Finished, RunView, RunWriter, Unfinished
from orchestrator.features.upkeep.repository import UpkeepRepository

SLICE_SECONDS = 3.0
_BATCH = 64


class RefineStep:
    """Works through the repositories, batch by batch.

    Args:
        sessions: Postgres.
        rag: rag-server.
        in_build: Whether it is about the build, before anybody misses the vectors; else about what is searched.
    """

    def __init__(self, sessions: Sessions, rag: RagClient, *, in_build: bool) -> None:
        self._sessions = sessions
        self._rag = rag
        self._in_build = in_build

    async def __call__(self, run: RunView, writer: RunWriter) -> Finished | Unfinished:
        """Refine until nothing is left or the slice is over."""
        if self._in_build and run.results["begin"]["is_hurried"]:
            return Finished(skipped=True)
        async with self._sessions() as session:
            states = await UpkeepRepository(session).list_states()
        after, refined = str(run.checkpoint.get("after", "")), int(run.checkpoint.get("refined", 0))
        known = run.checkpoint.get("total")
        total = refined + await self._count_unrefined(run, states) if known is None else int(known)
        deadline = time.monotonic() + SLICE_SECONDS
        while (state := _next(states, after)) and time.monotonic() < deadline:
            reply = await self._refine(run, state)
            refined += reply.refined
            if not reply.remaining:
                after = state.repository_id
        total = max(total, refined) if state else refined
        await writer.emit(EventType.PROGRESS, done=refined, total=total, failed=0)
        detail = {"refined": refined, "remaining": total - refined}
        if state is None:
            return Finished({"refined": refined}, detail)
        return Unfinished({"after": after, "refined": refined, "total": total}, detail)

    async def _count_unrefined(self, run: RunView, states: Sequence[RepositoryState]) -> int:
        count = 0
        for state in states:
            generation = max((version.generation for version in state.versions), default=1)
            if self._in_build:
                held = await self._build(run, state).count(generation)
            else:
                held = await self._rag.get_repository(state.organisation_id, state.repository_id, generation)
            count += held.unrefined_count
        return count

    async def _refine(self, run: RunView, state: RepositoryState) -> RefineReply:
        if self._in_build:
            return await self._build(run, state).refine(_BATCH)
        body = RefineRequest(organisation_id=state.organisation_id, limit=_BATCH)
        return await self._rag.refine(state.repository_id, body)

    def _build(self, run: RunView, state: RepositoryState) -> BuildClient:
        owner = Owner(organisation_id=state.organisation_id, repository_id=state.repository_id)
        return BuildClient(self._rag.service, run.id, owner)


def _next(states: Sequence[RepositoryState], after: str) -> RepositoryState | None:
    return next((state for state in states if state.repository_id > after), None)

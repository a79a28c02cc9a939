"""The ``rebuild`` and ``restore`` runs: an index is built beside the one that is searched, and takes its place.

They differ in what they begin with: nothing, or a backup. Then Postgres says what is missing, and what is too much.
"""

import time
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from codemuse.clients.rag import RagClient
from codemuse.clients.upkeep import BuildClient, UpkeepClient
from codemuse.contracts.rag import RefineRequest
from codemuse.contracts.runs import EventType
from codemuse.contracts.upkeep import BuildCreate, IndexState, Owner, RepositoryState
from codemuse.database import Sessions
from orchestrator.core.runs.outbox import OutboxRelay
from orchestrator.core.runs.store import RunStore
from orchestrator.core.runs.workflow import Ending, Finished, RunKind, RunView, RunWriter, StepFunction, Unfinished
from orchestrator.features.upkeep.parts import RepositoriesStep
from orchestrator.features.upkeep.repository import UpkeepRepository

SLICE_SECONDS = 3.0
_REFINE_BATCH = 64


class AnewWorkflow:
    """From nothing, or from a backup, to the index that is searched."""

    def __init__(self, kind: RunKind, sessions: Sessions, rag: RagClient, relay: OutboxRelay) -> None:
        self.kind = kind
        self._sessions = sessions
        self._rag = rag
        self._relay = relay
        self._upkeep = UpkeepClient(rag.service)
        self.steps: Mapping[str, StepFunction] = {
            "begin": self._begin,
            "repositories": RepositoriesStep(sessions, self._upkeep, relay),
            "refine": self._refine,
            "swap": self._swap,
            "settle": self._settle,
        }

    async def clean_up(self, run: RunView, ending: Ending) -> None:
        """Give the build up, and stop the runs that were filling it."""
        del ending
        if "swap" in run.results:
            return
        await self._upkeep.abandon_build(run.id)
        async with self._sessions.begin() as session:
            for part in await UpkeepRepository(session).list_parts(run.id):
                if part.finished_at is None:
                    await RunStore(session).request_cancel(part)
        self._relay.kick()

    async def settle(
        self, session: AsyncSession, run: RunView, ending: Ending
    ) -> Sequence[tuple[EventType, dict[str, Any]]]:
        """Postgres knows nothing of collections."""
        del session, run, ending
        return []

    async def _begin(self, run: RunView, _writer: RunWriter) -> Finished:
        """Begin the build; one that an ended run left behind is given up."""
        index = await self._upkeep.read_index()
        async with self._sessions() as session:
            repository = UpkeepRepository(session)
            states = await repository.list_states()
            is_left_behind = index.build is not None and not await repository.is_active(index.build.id)
        if index.build is not None and is_left_behind:
            await self._upkeep.abandon_build(index.build.id)
        owners = [_owner(state) for state in states]
        build = await self._upkeep.begin_build(run.id, BuildCreate(repositories=owners, backup=run.input.get("backup")))
        detail = {"repositories": len(build.pending), "chunks": build.chunk_count}
        # Without the old index's vectors, better some of the new ones at once than all of them later.
        is_hurried = run.input.get("backup") is not None or index.state is not IndexState.OPEN or not index.chunk_count
        return Finished({"total": len(build.pending), "is_hurried": is_hurried}, detail)

    async def _refine(self, run: RunView, _writer: RunWriter) -> Finished | Unfinished:
        """Fill in the transformer's vectors before anybody misses them."""
        if run.results["begin"]["is_hurried"]:
            return Finished(skipped=True)
        return await self._refine_all(run, in_build=True)

    async def _swap(self, run: RunView, _writer: RunWriter) -> Finished:
        """Look whether it agrees with Postgres, and search it from now on."""
        async with self._sessions() as session:
            repository = UpkeepRepository(session)
            states = await repository.list_states()
            results = await repository.list_results(run.id)
        index = await self._upkeep.read_index()
        differing = await self._list_differing(run, states) if index.build is not None else []
        await self._upkeep.publish_build(run.id)
        report: dict[str, Any] = {
            "rewritten": [name for name, result in results if result.get("generations")],
            "missing": [name for name, result in results if result.get("missing")],
            "differing": differing,
            "dropped": run.results["repositories"]["dropped"],
        }
        counts = {name: len(value) if isinstance(value, list) else value for name, value in report.items()}
        return Finished({**report, "warnings": counts["missing"] + counts["differing"]}, counts)

    async def _list_differing(self, run: RunView, states: Sequence[RepositoryState]) -> list[str]:
        """Repositories that have no chunks in the build although Postgres counts some."""
        differing: list[str] = []
        for state in states:
            async with self._sessions() as session:
                row = await UpkeepRepository(session).find_repository(state.repository_id)
            if row is None:
                continue
            held = await BuildClient(self._rag.service, run.id, _owner(state)).count(row.generation)
            if held.chunk_count != int(row.facts.get("chunk_count", 0)):
                differing.append(state.name)
        return differing

    async def _settle(self, run: RunView, _writer: RunWriter) -> Finished | Unfinished:
        """Fill in what still lacks the transformer's vectors."""
        return await self._refine_all(run, in_build=False)

    async def _refine_all(self, run: RunView, *, in_build: bool) -> Finished | Unfinished:
        async with self._sessions() as session:
            states = await UpkeepRepository(session).list_states()
        after, refined = str(run.checkpoint.get("after", "")), int(run.checkpoint.get("refined", 0))
        deadline = time.monotonic() + SLICE_SECONDS
        for state in states:
            if state.repository_id <= after:
                continue
            remaining = 1
            while remaining:
                reply = await self._refine_one(run, state, in_build=in_build)
                refined, remaining = refined + reply[0], reply[1]
                if remaining and time.monotonic() > deadline:
                    return Unfinished({"after": after, "refined": refined}, {"refined": refined})
            after = state.repository_id
            if time.monotonic() > deadline:
                return Unfinished({"after": after, "refined": refined}, {"refined": refined})
        return Finished({"refined": refined}, {"refined": refined})

    async def _refine_one(self, run: RunView, state: RepositoryState, *, in_build: bool) -> tuple[int, int]:
        if in_build:
            reply = await BuildClient(self._rag.service, run.id, _owner(state)).refine(_REFINE_BATCH)
        else:
            body = RefineRequest(organisation_id=state.organisation_id, limit=_REFINE_BATCH)
            reply = await self._rag.refine(state.repository_id, body)
        return reply.refined, reply.remaining


def _owner(state: RepositoryState) -> Owner:
    return Owner(organisation_id=state.organisation_id, repository_id=state.repository_id)

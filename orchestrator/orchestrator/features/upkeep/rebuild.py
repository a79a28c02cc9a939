"""The ``rebuild`` and ``restore`` runs: an index is built beside the one that is searched, and takes its place.

They differ in what they begin with: nothing, or a backup. Then Postgres says what is missing, and what is too much.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from codemuse.clients.rag import RagClient
from codemuse.clients.upkeep import BuildClient, UpkeepClient
from codemuse.contracts.runs import EventType
from codemuse.contracts.upkeep import BuildCreate, IndexState, Owner, RepositoryState
from codemuse.database import Sessions
from orchestrator.core.runs.outbox import OutboxRelay
from orchestrator.core.runs.store import RunStore
from orchestrator.core.runs.workflow import Ending, Finished, RunKind, RunView, RunWriter, StepFunction
from orchestrator.features.upkeep.parts import RepositoriesStep
from orchestrator.features.upkeep.refine import RefineStep
from orchestrator.features.upkeep.repository import UpkeepRepository


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
            "refine": RefineStep(sessions, rag, in_build=True),
            "swap": self._swap,
            "settle": RefineStep(sessions, rag, in_build=False),
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
            chunk_count = await repository.count_chunks()
            is_left_behind = index.build is not None and not await repository.is_active(index.build.id)
        if index.build is not None and is_left_behind:
            await self._upkeep.abandon_build(index.build.id)
        owners = [_owner(state) for state in states]
        build = await self._upkeep.begin_build(run.id, BuildCreate(repositories=owners, backup=run.input.get("backup")))
        detail = {"repositories": len(build.pending), "chunks": build.chunk_count}
        # Without the old index's vectors, better some of the new ones at once than all of them later.
        is_hurried = run.input.get("backup") is not None or index.state is not IndexState.OPEN or not index.chunk_count
        expected = {"total": len(build.pending), "chunks": max(index.chunk_count, chunk_count)}
        return Finished({**expected, "is_hurried": is_hurried}, detail)

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


def _owner(state: RepositoryState) -> Owner:
    return Owner(organisation_id=state.organisation_id, repository_id=state.repository_id)

"""Step ``repositories``: every repository comes into the build by a run of its own, a few at a time."""

from collections.abc import Sequence
from datetime import timedelta

from codemuse.clients.upkeep import BuildClient, UpkeepClient
from codemuse.contracts.runs import EventType, RunStatus
from codemuse.contracts.upkeep import BuildRead, Owner, OwnerRead, VersionState
from codemuse.database import Sessions
from codemuse.errors import Conflict
from orchestrator.core.runs.outbox import OutboxRelay
from orchestrator.core.runs.store import NewRun, RunStore
from orchestrator.core.runs.workflow import EVALUATE, REINDEX, Finished, RunView, RunWriter, Unfinished
from orchestrator.db.models import Run
from orchestrator.features.upkeep.repository import UpkeepRepository

LOOK_AGAIN = timedelta(seconds=1)
SIDE_BY_SIDE = 2
_GOOD = {RunStatus.SUCCEEDED, RunStatus.SUCCEEDED_WITH_WARNINGS}


class RepositoriesStep:
    """Starts those runs and waits for them."""

    def __init__(self, sessions: Sessions, upkeep: UpkeepClient, relay: OutboxRelay) -> None:
        self._sessions = sessions
        self._upkeep = upkeep
        self._relay = relay

    async def __call__(self, run: RunView, writer: RunWriter) -> Finished | Unfinished:
        """Have what is missing brought in; what nobody has any more is dropped.

        Raises:
            Conflict: A repository could not be brought in.
        """
        build = _build_of(run, (await self._upkeep.read_index()).build)
        async with self._sessions() as session:
            parts = await UpkeepRepository(session).list_parts(run.id)
            # An evaluation keeps a repository of its own in the index for as long as it asks.
            is_evaluated = await UpkeepRepository(session).find_active(EVALUATE.name) is not None
        _refuse_failed(parts)
        dropped = int(run.checkpoint.get("dropped", 0))
        known = {part.repository_id for part in parts}
        room = SIDE_BY_SIDE - sum(part.finished_at is None for part in parts)
        versions = await self._versions_held(run) if room > 0 else {}
        for owner in build.pending:
            if owner.repository_id in known:
                continue
            if room <= 0:
                break
            if await self._start(run, owner, versions.get(owner.repository_id, [])):
                room -= 1
            elif not is_evaluated:
                dropped += await self._drop(run, owner)
        self._relay.kick()
        total = int(run.results["begin"]["total"])
        chunks = _chunks(run, build)
        await writer.emit(EventType.PROGRESS, done=chunks["chunks"], total=chunks["chunks_total"], failed=0)
        detail = {"done": total - len(build.pending), "total": total, **chunks, "dropped": dropped}
        if not build.pending:
            return Finished({"dropped": dropped}, detail)
        return Unfinished({"dropped": dropped}, detail, LOOK_AGAIN)

    async def _start(self, run: RunView, owner: OwnerRead, versions: list[VersionState]) -> bool:
        async with self._sessions.begin() as session:
            repository = await UpkeepRepository(session).find_repository(owner.repository_id)
            if repository is None or repository.organisation_id != owner.organisation_id:
                return False
            new = NewRun(
                organisation_id=repository.organisation_id,
                user_id=run.user_id,
                title=repository.name,
                input={"build": run.id, "versions": [version.model_dump() for version in versions]},
                repository_id=repository.id,
            )
            await RunStore(session).create(new, REINDEX)
        return True

    async def _drop(self, run: RunView, owner: OwnerRead) -> int:
        """What the index holds and Postgres does not know: deleted meanwhile, or of another installation."""
        build = BuildClient(self._upkeep.service, run.id, Owner(**owner.model_dump()))
        await build.delete()
        await build.complete()
        return 1

    async def _versions_held(self, run: RunView) -> dict[str, list[VersionState]]:
        """What the backup holds of each repository."""
        backup = run.input.get("backup")
        if backup is None:
            return {}
        manifest = await self._upkeep.get_backup(str(backup))
        return {state.repository_id: state.versions for state in manifest.repositories}


def _build_of(run: RunView, build: BuildRead | None) -> BuildRead:
    if build is None or build.id != run.id:
        message = "The index that was being built is gone: rag-server has lost it. Begin again."
        raise Conflict(message, code="build_lost")
    return build


def _chunks(run: RunView, build: BuildRead) -> dict[str, int]:
    """How many the build holds, and how many it will: what is expected is only a guess where older versions were lost."""
    expected = int(run.results["begin"].get("chunks", 0)) if build.pending else 0
    return {"chunks": build.chunk_count, "chunks_total": max(expected, build.chunk_count)}


def _refuse_failed(parts: Sequence[Run]) -> None:
    for part in parts:
        if part.finished_at is not None and part.status not in _GOOD:
            reason = (part.error or {}).get("message", "its run was cancelled.")
            raise Conflict(f"'{part.title}' could not be rebuilt: {reason}", code="rebuild_failed", run=part.id)

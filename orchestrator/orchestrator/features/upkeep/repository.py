"""Queries for the upkeep of the index, across all organisations."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Integer, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from codemuse.contracts.runs import RunStatus
from codemuse.contracts.upkeep import BackupOrigin, RepositoryState, VersionState
from orchestrator.core.runs.store import NOW
from orchestrator.core.runs.workflow import BACKUP, REBUILD, REINDEX, RESTORE
from orchestrator.db.models import Repository, RepositoryVersion, Run, RunStep

ANEW = (REBUILD.name, RESTORE.name)
UPKEEP = (BACKUP.name, *ANEW)
"""One at a time: a new index throws the one away that a backup copies, and a backup may remove the one being restored."""
_LOCK = 0x0C0DE01D


class UpkeepRepository:
    """What is known of repositories and of upkeep runs, within one transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def lock(self) -> None:
        """Until the transaction ends, nobody else begins upkeep."""
        await self._session.execute(select(func.pg_advisory_xact_lock(_LOCK)))

    async def list_states(self) -> list[RepositoryState]:
        """Every repository with its searchable versions, the oldest first."""
        published = (
            select(Repository.id, Repository.organisation_id, Repository.name)
            .where(Repository.deleted_at.is_(None), Repository.generation > 0)
            .order_by(Repository.id)
        )
        repositories = (await self._session.execute(published)).all()
        versions: dict[str, list[VersionState]] = defaultdict(list)
        query = select(RepositoryVersion).order_by(RepositoryVersion.repository_id, RepositoryVersion.generation)
        for row in await self._session.scalars(query):
            versions[row.repository_id].append(VersionState(generation=row.generation, commit=row.commit))
        return [
            RepositoryState(
                organisation_id=row.organisation_id, repository_id=row.id, name=row.name, versions=versions[row.id]
            )
            for row in repositories
        ]

    async def count_chunks(self) -> int:
        """How many chunks what is published has."""
        counted = func.sum(Repository.facts["chunk_count"].astext.cast(Integer))
        query = select(counted).where(Repository.deleted_at.is_(None), Repository.generation > 0)
        return int(await self._session.scalar(query) or 0)

    async def find_repository(self, repository_id: str) -> Repository | None:
        """A repository that is not deleted, of whatever organisation."""
        query = select(Repository).where(Repository.id == repository_id, Repository.deleted_at.is_(None))
        found: Repository | None = await self._session.scalar(query)
        return found

    async def find_active(self, *kinds: str) -> Run | None:
        """A run of one of these kinds that is under way."""
        found: Run | None = await self._session.scalar(
            select(Run).where(Run.kind.in_(kinds), Run.finished_at.is_(None)).limit(1)
        )
        return found

    async def is_active(self, run_id: str) -> bool:
        """Whether a run is under way."""
        query = select(Run.id).where(Run.id == run_id, Run.finished_at.is_(None))
        return await self._session.scalar(query) is not None

    async def has_failed_since(self, patience: timedelta) -> bool:
        """Whether building anew has failed lately."""
        query = select(Run.id).where(
            Run.kind.in_(ANEW), Run.status == RunStatus.FAILED, Run.finished_at > NOW - patience
        )
        return await self._session.scalar(query.limit(1)) is not None

    async def last_scheduled_backup(self) -> datetime | None:
        """When a backup was last begun by itself."""
        query = select(func.max(Run.created_at)).where(
            Run.kind == BACKUP.name, Run.input["origin"].astext == BackupOrigin.SCHEDULE.value
        )
        found: datetime | None = await self._session.scalar(query)
        return found

    async def is_due(self, every: timedelta) -> bool:
        """Whether a scheduled backup is due, by the database's clock."""
        last = await self.last_scheduled_backup()
        if last is None:
            return True
        return bool(await self._session.scalar(select(last + every <= NOW)))

    async def list_parts(self, build_id: str) -> Sequence[Run]:
        """The runs that bring repositories into a build."""
        query = select(Run).where(Run.kind == REINDEX.name, Run.input["build"].astext == build_id)
        return (await self._session.scalars(query.order_by(Run.created_at))).all()

    async def list_results(self, build_id: str) -> Sequence[tuple[str, dict[str, object]]]:
        """What those runs say of their repositories: name and result."""
        query = (
            select(Run.title, RunStep.result)
            .join(RunStep, RunStep.run_id == Run.id)
            .where(Run.kind == REINDEX.name, Run.input["build"].astext == build_id)
        )
        return [(row.title, row.result) for row in await self._session.execute(query.order_by(Run.title))]

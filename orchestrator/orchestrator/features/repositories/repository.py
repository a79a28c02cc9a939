"""Queries on repositories, their files and their runs."""

from collections.abc import Sequence

from sqlalchemy import and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from orchestrator.core.pages import Key
from orchestrator.core.runs.store import ACTIVE
from orchestrator.db.models import Repository, RepositoryFile, Run


class RepositoryRepository:
    """Repositories of one organisation, within one transaction."""

    def __init__(self, session: AsyncSession, organisation_id: str) -> None:
        self._session = session
        self._organisation_id = organisation_id

    async def list_page(self, after: Key | None, limit: int) -> Sequence[Repository]:
        """The newest first; one row more than the limit when there is another page."""
        query = select(Repository).where(
            Repository.organisation_id == self._organisation_id, Repository.deleted_at.is_(None)
        )
        if after is not None:
            created_at, row_id = after
            query = query.where(
                or_(
                    Repository.created_at < created_at,
                    and_(Repository.created_at == created_at, Repository.id < row_id),
                )
            )
        query = query.order_by(Repository.created_at.desc(), Repository.id.desc()).limit(limit + 1)
        return (await self._session.scalars(query)).all()

    async def find_by_url(self, url: str, ref: str | None) -> Repository | None:
        """The repository that mirrors this URL at this ref."""
        return await self._find(Repository.url == url, Repository.ref.is_not_distinct_from(ref))

    async def find_by_name(self, name: str) -> Repository | None:
        """The repository of this name."""
        return await self._find(Repository.name == name)

    async def add(self, repository: Repository) -> Repository:
        """Store a new repository."""
        self._session.add(repository)
        await self._session.flush()
        await self._session.refresh(repository)
        return repository

    async def find_run_by_key(self, idempotency_key: str) -> Run | None:
        """The run that was asked for under this key."""
        found: Run | None = await self._session.scalar(
            select(Run).where(Run.organisation_id == self._organisation_id, Run.idempotency_key == idempotency_key)
        )
        return found

    async def list_active_runs(self, repository_ids: Sequence[str]) -> Sequence[Run]:
        """Runs under way, the oldest first."""
        query = select(Run).where(
            Run.repository_id.in_(repository_ids), Run.finished_at.is_(None), Run.status.in_(ACTIVE)
        )
        return (await self._session.scalars(query.order_by(Run.created_at))).all()

    async def count_active_runs(self) -> int:
        """Runs of the organisation that are under way."""
        query = select(func.count()).where(Run.organisation_id == self._organisation_id, Run.finished_at.is_(None))
        return await self._session.scalar(query) or 0

    async def list_files(self, repository_id: str) -> Sequence[RepositoryFile]:
        """Files of the published generation, in path order."""
        query = select(RepositoryFile).where(RepositoryFile.repository_id == repository_id)
        return (await self._session.scalars(query.order_by(RepositoryFile.path))).all()

    async def _find(self, *conditions: object) -> Repository | None:
        found: Repository | None = await self._session.scalar(
            select(Repository).where(
                Repository.organisation_id == self._organisation_id,
                Repository.deleted_at.is_(None),
                *conditions,  # type: ignore[arg-type]
            )
        )
        return found

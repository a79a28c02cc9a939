"""Queries on repositories that several features share. Ownership is enforced here: what belongs to others is not found."""

from collections.abc import Sequence

from sqlalchemy import bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession

from codemuse.contracts.rag import SearchScope, Signal
from codemuse.errors import Conflict, NotFound
from orchestrator.db.models import Repository, SearchSettings
from orchestrator.db.search_settings import read_weights

# Every search asks one of these: they are put together once.
_ALL = (
    select(Repository)
    .where(Repository.organisation_id == bindparam("organisation_id"), Repository.deleted_at.is_(None))
    .order_by(Repository.name)
)
_NAMED = _ALL.where(Repository.id.in_(bindparam("ids", expanding=True)))
_WEIGHTS = select(SearchSettings.weights).where(SearchSettings.organisation_id == bindparam("organisation_id"))
_ALL_WEIGHED = _ALL.add_columns(_WEIGHTS.scalar_subquery())
_NAMED_WEIGHED = _NAMED.add_columns(_WEIGHTS.scalar_subquery())


class RepositoryLookup:
    """Repositories of one organisation."""

    def __init__(self, session: AsyncSession, organisation_id: str) -> None:
        self._session = session
        self._organisation_id = organisation_id

    async def get(self, repository_id: str, *, lock: bool = False) -> Repository:
        """The repository.

        Raises:
            NotFound: There is none with this id in the organisation.
        """
        query = select(Repository).where(
            Repository.id == repository_id,
            Repository.organisation_id == self._organisation_id,
            Repository.deleted_at.is_(None),
        )
        found = await self._session.scalar(query.with_for_update() if lock else query)
        if found is None:
            raise NotFound("There is no such repository.", code="repository_not_found")
        return found

    async def get_indexed(self, repository_id: str) -> tuple[Repository, str]:
        """The repository and the snapshot its readers see.

        Raises:
            NotFound: There is none with this id in the organisation.
            Conflict: It has not been indexed yet.
        """
        found = await self.get(repository_id)
        if found.snapshot_id is None:
            raise Conflict("The repository is not indexed yet; wait for its run to end.", code="not_indexed")
        return found, found.snapshot_id

    async def list_indexed(self, repository_ids: Sequence[str] | None) -> Sequence[Repository]:
        """Searchable repositories: all of the organisation, or the named ones.

        Raises:
            NotFound: A named one does not exist in the organisation.
        """
        query = _ALL if repository_ids is None else _NAMED
        rows = (await self._session.scalars(query, self._parameters(repository_ids))).all()
        return _indexed(rows, repository_ids)

    async def list_searched(
        self, repository_ids: Sequence[str] | None
    ) -> tuple[Sequence[Repository], dict[Signal, float]]:
        """The same, and how the organisation weighs the signals of search: one question to the database, not two.

        Raises:
            NotFound: A named one does not exist in the organisation.
        """
        query = _ALL_WEIGHED if repository_ids is None else _NAMED_WEIGHED
        rows = (await self._session.execute(query, self._parameters(repository_ids))).all()
        repositories = _indexed([repository for repository, _ in rows], repository_ids)
        return repositories, read_weights(rows[0][1] if rows else None)

    def _parameters(self, repository_ids: Sequence[str] | None) -> dict[str, object]:
        named = {} if repository_ids is None else {"ids": list(repository_ids)}
        return {"organisation_id": self._organisation_id, **named}


def _indexed(found: Sequence[Repository], repository_ids: Sequence[str] | None) -> list[Repository]:
    if repository_ids is not None and len(found) < len(set(repository_ids)):
        raise NotFound("There is no such repository.", code="repository_not_found")
    return [repository for repository in found if repository.generation > 0]


def scopes_of(repositories: Sequence[Repository]) -> list[SearchScope]:
    """What rag-server needs to know to search them as published."""
    return [
        SearchScope(repository_id=repository.id, generation=repository.generation, commit=repository.commit or "")
        for repository in repositories
    ]


def snapshots_of(repositories: Sequence[Repository]) -> dict[str, str | None]:
    """What docgen-server needs to know of them as published."""
    return {repository.id: repository.snapshot_id for repository in repositories}

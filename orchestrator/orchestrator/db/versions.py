"""Queries on the searchable generations of repositories, shared by indexing, search and the API."""

from collections.abc import Callable, Sequence

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from codemuse.contracts.rag import SearchScope
from codemuse.errors import NotFound
from orchestrator.db.models import Repository, RepositoryVersion
from orchestrator.db.repositories import scopes_of

SHORTEST_COMMIT = 7


class VersionLookup:
    """Versions of repositories that the caller was found to own."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def list_of(self, repository_id: str) -> Sequence[RepositoryVersion]:
        """The versions of a repository, the newest first."""
        query = select(RepositoryVersion).where(RepositoryVersion.repository_id == repository_id)
        return (await self._session.scalars(query.order_by(RepositoryVersion.generation.desc()))).all()

    async def get(self, repository_id: str, generation: int) -> RepositoryVersion:
        """One version.

        Raises:
            NotFound: The generation was never published, or is not kept any more.
        """
        found = await self._session.get(RepositoryVersion, (repository_id, generation))
        if found is None:
            raise NotFound("There is no such version, or it is not kept any more.", code="version_not_found")
        return found

    async def resolve(self, repository_id: str, wanted: str) -> RepositoryVersion | None:
        """The version that somebody means: by label, number of the generation, beginning of the commit, or ref.

        What names one version for good comes before a ref, which may have been indexed more than once: then the newest.
        """
        versions = await self.list_of(repository_id)
        commit = wanted.lower() if len(wanted) >= SHORTEST_COMMIT else None
        meanings: tuple[Callable[[RepositoryVersion], bool], ...] = (
            lambda version: version.label == wanted,
            lambda version: str(version.generation) == wanted,
            lambda version: commit is not None and version.commit.startswith(commit),
            lambda version: version.ref == wanted,
        )
        return next((version for is_meant in meanings for version in versions if is_meant(version)), None)

    async def oldest_needed(self, repository_id: str, newest: int, recent: int) -> int:
        """The oldest generation that must stay: of the most recent ones, and of those that are to be kept."""
        query = select(RepositoryVersion.generation).where(
            RepositoryVersion.repository_id == repository_id, RepositoryVersion.kept.is_(True)
        )
        return min([newest - recent + 1, *(await self._session.scalars(query)).all()])

    async def forget_before(self, repository_id: str, generation: int) -> None:
        """Drop versions that cannot be searched any more."""
        await self._session.execute(
            delete(RepositoryVersion).where(
                RepositoryVersion.repository_id == repository_id, RepositoryVersion.generation < generation
            )
        )


async def scopes_as_of(
    session: AsyncSession, repositories: Sequence[Repository], wanted: str | None
) -> list[SearchScope]:
    """The repositories as they are published, or as they stood in a version: then those without one are left out.

    Raises:
        NotFound: None of them has such a version.
    """
    if wanted is None:
        return scopes_of(repositories)
    lookup = VersionLookup(session)
    found = [(repository, await lookup.resolve(repository.id, wanted)) for repository in repositories]
    scopes = [
        SearchScope(repository_id=repository.id, generation=version.generation, commit=version.commit)
        for repository, version in found
        if version is not None
    ]
    if not scopes:
        raise NotFound(f"No searched repository has a version '{wanted}' that is still kept.", code="version_not_found")
    return scopes

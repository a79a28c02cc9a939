"""Naming and keeping versions."""

from codemuse.contracts.accounts import ApiKeyScope
from codemuse.contracts.versions import VersionList, VersionRead, VersionUpdate
from codemuse.database import Sessions
from codemuse.errors import Conflict
from orchestrator.core.audit import record
from orchestrator.core.principal import Principal
from orchestrator.db.models import Repository, RepositoryVersion
from orchestrator.db.repositories import RepositoryLookup
from orchestrator.db.versions import VersionLookup

MOST_KEPT = 20
"""Versions that a repository may keep: each costs what changed since."""


class VersionService:
    """Versions of the repositories of the caller's organisation."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    async def list_all(self, principal: Principal, repository_id: str) -> VersionList:
        """The versions of a repository, the newest first."""
        principal.require(ApiKeyScope.SEARCH)
        async with self._sessions() as session:
            repository = await RepositoryLookup(session, principal.organisation_id).get(repository_id)
            versions = await VersionLookup(session).list_of(repository_id)
            return VersionList(items=[_read(repository, version) for version in versions])

    async def update(
        self, principal: Principal, repository_id: str, generation: int, change: VersionUpdate
    ) -> VersionRead:
        """Name a version, or change whether it is kept.

        Raises:
            NotFound: There is no such version any more.
            Conflict: The name belongs to another version, or too many are kept.
        """
        principal.require(ApiKeyScope.INDEX)
        async with self._sessions.begin() as session:
            repository = await RepositoryLookup(session, principal.organisation_id).get(repository_id, lock=True)
            lookup = VersionLookup(session)
            version = await lookup.get(repository_id, generation)
            others = [one for one in await lookup.list_of(repository_id) if one.generation != generation]
            if change.label is not None:
                if any(other.label == change.label for other in others):
                    raise Conflict(f"Another version is called '{change.label}'.", code="version_label_taken")
                version.label = change.label
            if change.kept is not None:
                if change.kept and sum(other.kept for other in others) >= MOST_KEPT:
                    raise Conflict(
                        f"At most {MOST_KEPT} versions of a repository can be kept.", code="too_many_versions"
                    )
                version.kept = change.kept
            record(
                session,
                "version.update",
                organisation_id=principal.organisation_id,
                user_id=principal.user_id,
                repository_id=repository_id,
                generation=generation,
                **change.model_dump(exclude_none=True),
            )
            return _read(repository, version)


def _read(repository: Repository, version: RepositoryVersion) -> VersionRead:
    return VersionRead(
        generation=version.generation,
        commit=version.commit,
        ref=version.ref,
        label=version.label,
        kept=version.kept,
        is_published=version.generation == repository.generation,
        chunk_count=version.chunk_count,
        published_at=version.published_at,
    )

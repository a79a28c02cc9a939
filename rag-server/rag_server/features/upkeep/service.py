"""Says how the index is; begins and ends builds; makes and lists backups."""

from codemuse.contracts.upkeep import (
    BackupCreate,
    BackupList,
    BackupManifest,
    BuildCreate,
    BuildRead,
    IndexModelRead,
    IndexRead,
    IndexState,
    Owner,
    OwnerRead,
)
from codemuse.errors import CodeMuseError
from rag_server.core.backups import Backups
from rag_server.core.builds import Builds
from rag_server.core.catalogue import Build
from rag_server.core.errors import IndexOpening, ModelsChanged
from rag_server.core.index import IndexOpener
from rag_server.core.points import RepositoryKey


class UpkeepService:
    """What those who run the place ask of the index."""

    def __init__(self, opener: IndexOpener, builds: Builds, backups: Backups) -> None:
        self._opener = opener
        self._builds = builds
        self._backups = backups

    async def read(self) -> IndexRead:
        """How the index is; that it cannot be used is an answer too."""
        try:
            await self._opener.refresh()
            catalogue = self._opener.catalogue
        except CodeMuseError as error:
            return IndexRead(state=_state(error), detail=error.message)
        read = IndexRead(
            state=IndexState.OPEN,
            engine=self._opener.storage.engine,
            collection=catalogue.current,
            models=[IndexModelRead.model_validate(model.model_dump()) for model in (catalogue.fast, catalogue.dense)],
            build=await self._read_build(catalogue.build) if catalogue.build else None,
        )
        try:
            owners = await self._opener.index.store.list_owners()
        except CodeMuseError as error:
            return read.model_copy(update={"state": _state(error), "detail": error.message})
        counts: dict[str, object] = {"chunk_count": sum(owners.values()), "repository_count": len(owners)}
        if self._opener.is_outdated:
            counts |= {"state": IndexState.OUTDATED, "detail": ModelsChanged().message}
        return read.model_copy(update=counts)

    async def begin(self, build_id: str, body: BuildCreate) -> BuildRead:
        """Begin a build."""
        repositories = [_key(owner) for owner in body.repositories]
        return await self._read_build(await self._builds.begin(build_id, repositories, body.backup))

    async def complete(self, build_id: str, owner: Owner) -> None:
        """Note that a repository is in a build."""
        await self._builds.complete(build_id, _key(owner))

    async def publish(self, build_id: str) -> IndexRead:
        """Search a build from now on."""
        await self._builds.publish(build_id)
        return await self.read()

    async def abandon(self, build_id: str) -> None:
        """Give a build up."""
        await self._builds.abandon(build_id)

    async def back_up(self, body: BackupCreate) -> BackupManifest:
        """Copy the index as it is now."""
        return await self._backups.create(body)

    async def list_backups(self) -> BackupList:
        """All backups, the newest first."""
        return BackupList(items=await self._backups.list())

    async def get_backup(self, backup_id: str) -> BackupManifest:
        """What a backup says of itself."""
        return await self._backups.get(backup_id)

    async def delete_backup(self, backup_id: str) -> None:
        """Remove a backup."""
        await self._backups.delete(backup_id)

    async def _read_build(self, build: Build) -> BuildRead:
        try:
            owners = await self._opener.get(build.collection).store.list_owners()
        except CodeMuseError:
            owners = {}
        return BuildRead(
            id=build.id,
            collection=build.collection,
            backup=build.backup,
            pending=[_read_owner(RepositoryKey.of_owner(owner)) for owner in build.pending],
            chunk_count=sum(owners.values()),
        )


def _state(error: CodeMuseError) -> IndexState:
    return IndexState.OPENING if isinstance(error, IndexOpening) else IndexState.FAILED


def _key(owner: Owner) -> RepositoryKey:
    return RepositoryKey(owner.organisation_id, owner.repository_id)


def _read_owner(key: RepositoryKey) -> OwnerRead:
    return OwnerRead(organisation_id=key.organisation_id, repository_id=key.repository_id)

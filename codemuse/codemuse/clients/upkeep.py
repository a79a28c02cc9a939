"""Client of rag-server for the upkeep of the index: builds and backups."""

from codemuse.clients.rag import WRITE_SECONDS
from codemuse.contracts.common import Reply
from codemuse.contracts.rag import (
    GenerationWrite,
    GenerationWritten,
    PruneRequest,
    RefineReply,
    RefineRequest,
    RepositoryIndexRead,
)
from codemuse.contracts.upkeep import (
    BackupCreate,
    BackupList,
    BackupManifest,
    BuildCreate,
    BuildRead,
    IndexRead,
    Owner,
    PathsRead,
)
from codemuse.http import Params, ServiceClient

_COPY_SECONDS = 1_500.0


class UpkeepClient:
    """The index as a whole."""

    def __init__(self, service: ServiceClient) -> None:
        self.service = service

    async def read_index(self) -> IndexRead:
        """How the index is."""
        return await self.service.call("GET", "/api/v1/index", IndexRead)

    async def begin_build(self, build_id: str, body: BuildCreate) -> BuildRead:
        """Begin an index beside the one that is searched."""
        path = f"/api/v1/index/builds/{build_id}"
        return await self.service.call("PUT", path, BuildRead, body=body, timeout_seconds=_COPY_SECONDS)

    async def publish_build(self, build_id: str) -> IndexRead:
        """Search it from now on."""
        return await self.service.call(
            "POST", f"/api/v1/index/builds/{build_id}/publish", IndexRead, timeout_seconds=WRITE_SECONDS
        )

    async def abandon_build(self, build_id: str) -> None:
        """Give it up."""
        path = f"/api/v1/index/builds/{build_id}"
        await self.service.call("DELETE", path, Reply, timeout_seconds=WRITE_SECONDS)

    async def create_backup(self, body: BackupCreate) -> BackupManifest:
        """Copy the index as it is now."""
        return await self.service.call(
            "POST", "/api/v1/backups", BackupManifest, body=body, timeout_seconds=_COPY_SECONDS
        )

    async def list_backups(self) -> BackupList:
        """All backups, the newest first."""
        return await self.service.call("GET", "/api/v1/backups", BackupList)

    async def get_backup(self, backup_id: str) -> BackupManifest:
        """What a backup says of itself."""
        return await self.service.call("GET", f"/api/v1/backups/{backup_id}", BackupManifest)

    async def delete_backup(self, backup_id: str) -> None:
        """Remove a backup."""
        await self.service.call("DELETE", f"/api/v1/backups/{backup_id}", Reply)


class BuildClient:
    """One repository in an index that is being built.

    Args:
        service: rag-server.
        build_id: Which build.
        owner: Which repository.
    """

    def __init__(self, service: ServiceClient, build_id: str, owner: Owner) -> None:
        self._service = service
        self._build_id = build_id
        self._owner = owner
        self._path = f"/api/v1/repositories/{owner.repository_id}"
        self._params: Params = {"organisation_id": owner.organisation_id, "build": build_id}

    async def write_files(self, generation: int, body: GenerationWrite) -> GenerationWritten:
        """Give files their chunks in a generation."""
        path = f"{self._path}/generations/{generation}/files"
        build: Params = {"build": self._build_id}
        return await self._service.call(
            "POST", path, GenerationWritten, body=body, params=build, timeout_seconds=WRITE_SECONDS
        )

    async def refine(self, limit: int) -> RefineReply:
        """Fill in some transformer vectors."""
        body = RefineRequest(organisation_id=self._owner.organisation_id, limit=limit)
        build: Params = {"build": self._build_id}
        return await self._service.call(
            "POST", f"{self._path}/refine", RefineReply, body=body, params=build, timeout_seconds=WRITE_SECONDS
        )

    async def count(self, generation: int) -> RepositoryIndexRead:
        """Counts of what a reader of a generation could find."""
        params: Params = {**self._params, "generation": generation}
        return await self._service.call("GET", self._path, RepositoryIndexRead, params=params)

    async def list_paths(self) -> PathsRead:
        """Paths that have chunks in any generation."""
        return await self._service.call("GET", f"{self._path}/paths", PathsRead, params=self._params)

    async def trim(self, generation: int) -> None:
        """Go back to a generation."""
        path = f"{self._path}/generations/{generation}/trim"
        await self._service.call("POST", path, Reply, params=self._params, timeout_seconds=WRITE_SECONDS)

    async def prune(self, keep_from: int) -> None:
        """Forget older generations."""
        body = PruneRequest(organisation_id=self._owner.organisation_id, keep_from=keep_from)
        build: Params = {"build": self._build_id}
        await self._service.call(
            "POST", f"{self._path}/prune", Reply, body=body, params=build, timeout_seconds=WRITE_SECONDS
        )

    async def delete(self) -> None:
        """Remove everything of the repository."""
        await self._service.call("DELETE", self._path, Reply, params=self._params, timeout_seconds=WRITE_SECONDS)

    async def complete(self) -> None:
        """It is complete: from now on it hears of all writes."""
        path = f"/api/v1/index/builds/{self._build_id}/complete"
        await self._service.call("POST", path, Reply, body=self._owner)

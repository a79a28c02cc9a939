"""``/api/v1/index`` and ``/api/v1/backups``: for the upkeep of the index, not for its readers."""

from fastapi import APIRouter

from codemuse.contracts.common import Identifier, Reply
from codemuse.contracts.upkeep import (
    BackupCreate,
    BackupList,
    BackupManifest,
    BuildCreate,
    BuildRead,
    IndexRead,
    Owner,
)
from rag_server.features.upkeep.dependencies import UpkeepServiceDep

router = APIRouter(prefix="/api/v1", tags=["upkeep"])


@router.get("/index")
async def read_index(service: UpkeepServiceDep) -> IndexRead:
    """How the index is, and the one that is being built beside it."""
    return await service.read()


@router.put("/index/builds/{build_id}")
async def begin_build(build_id: Identifier, body: BuildCreate, service: UpkeepServiceDep) -> BuildRead:
    """Begin an index beside the one that is searched, empty or from a backup."""
    return await service.begin(build_id, body)


@router.post("/index/builds/{build_id}/complete")
async def complete_repository(build_id: Identifier, body: Owner, service: UpkeepServiceDep) -> Reply:
    """A repository is in it: from now on it hears of its writes."""
    await service.complete(build_id, body)
    return Reply()


@router.post("/index/builds/{build_id}/publish")
async def publish_build(build_id: Identifier, service: UpkeepServiceDep) -> IndexRead:
    """Search it from now on, and throw the other one away."""
    return await service.publish(build_id)


@router.delete("/index/builds/{build_id}")
async def abandon_build(build_id: Identifier, service: UpkeepServiceDep) -> Reply:
    """Give it up."""
    await service.abandon(build_id)
    return Reply()


@router.post("/backups")
async def create_backup(body: BackupCreate, service: UpkeepServiceDep) -> BackupManifest:
    """Copy the index as it is now, while it serves."""
    return await service.back_up(body)


@router.get("/backups")
async def list_backups(service: UpkeepServiceDep) -> BackupList:
    """All backups, the newest first."""
    return await service.list_backups()


@router.get("/backups/{backup_id}")
async def get_backup(backup_id: Identifier, service: UpkeepServiceDep) -> BackupManifest:
    """What a backup says of itself."""
    return await service.get_backup(backup_id)


@router.delete("/backups/{backup_id}")
async def delete_backup(backup_id: Identifier, service: UpkeepServiceDep) -> Reply:
    """Remove a backup."""
    await service.delete_backup(backup_id)
    return Reply()

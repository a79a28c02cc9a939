"""Routes below ``/index`` and ``/backups``; administrators of the installation only."""

from fastapi import APIRouter

from codemuse.contracts.common import Identifier, Reply
from codemuse.contracts.upkeep import BackupPage, IndexRead, UpkeepAccepted
from orchestrator.core.access import Caller
from orchestrator.features.upkeep.dependencies import Service

router = APIRouter(prefix="/api/v1", tags=["upkeep"])


@router.get("/index")
async def read_index(caller: Caller, service: Service) -> IndexRead:
    """How the index is, and the one that is being built beside it."""
    return await service.read_index(caller)


@router.post("/index/rebuild", status_code=202)
async def rebuild_index(caller: Caller, service: Service) -> UpkeepAccepted:
    """Make the index anew from Postgres and the mirrors; it is searched as it was until the new one is complete."""
    return await service.rebuild(caller)


@router.get("/backups")
async def list_backups(caller: Caller, service: Service) -> BackupPage:
    """All backups of the index, and when the next one is made by itself."""
    return await service.list_backups(caller)


@router.post("/backups", status_code=202)
async def create_backup(caller: Caller, service: Service) -> UpkeepAccepted:
    """Copy the index as it is now, while it serves."""
    return await service.create_backup(caller)


@router.delete("/backups/{backup_id}")
async def delete_backup(backup_id: Identifier, caller: Caller, service: Service) -> Reply:
    """Remove a backup."""
    await service.delete_backup(caller, backup_id)
    return Reply()


@router.post("/backups/{backup_id}/restore", status_code=202)
async def restore_backup(backup_id: Identifier, caller: Caller, service: Service) -> UpkeepAccepted:
    """Put the index back to a backup and bring it up to what is published; until then it is searched as it was."""
    return await service.restore(caller, backup_id)

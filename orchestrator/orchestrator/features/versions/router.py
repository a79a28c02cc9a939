"""Routes below ``/repositories/{repository_id}/versions``."""

from typing import Annotated

from fastapi import APIRouter, Path

from codemuse.contracts.versions import VersionList, VersionRead, VersionUpdate
from orchestrator.core.access import Caller
from orchestrator.features.versions.dependencies import Service

router = APIRouter(prefix="/api/v1/repositories/{repository_id}/versions", tags=["repositories"])

Generation = Annotated[int, Path(ge=1, le=2**31 - 1)]


@router.get("")
async def list_versions(repository_id: str, caller: Caller, service: Service) -> VersionList:
    """The versions that can be searched, the newest first."""
    return await service.list_all(caller, repository_id)


@router.patch("/{generation}")
async def update_version(
    repository_id: str, generation: Generation, body: VersionUpdate, caller: Caller, service: Service
) -> VersionRead:
    """Name a version, or have it kept when newer ones come."""
    return await service.update(caller, repository_id, generation, body)

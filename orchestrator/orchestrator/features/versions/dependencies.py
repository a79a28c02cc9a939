"""Puts the feature together."""

from typing import Annotated

from fastapi import Depends

from orchestrator.core.access import Resources
from orchestrator.features.versions.service import VersionService


async def get_service(resources: Resources) -> VersionService:
    """The service of this request."""
    return VersionService(resources.platform.sessions)


Service = Annotated[VersionService, Depends(get_service)]

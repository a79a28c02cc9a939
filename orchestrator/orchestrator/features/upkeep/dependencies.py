"""Puts the feature together."""

from datetime import timedelta
from typing import Annotated

from fastapi import Depends

from codemuse.clients.upkeep import UpkeepClient
from orchestrator.core.access import Resources
from orchestrator.features.upkeep.service import UpkeepService


async def get_service(resources: Resources) -> UpkeepService:
    """The service of this request."""
    platform = resources.platform
    return UpkeepService(
        platform.sessions,
        UpkeepClient(platform.services.rag.service),
        platform.relay,
        timedelta(hours=platform.settings.backup_every_hours),
        platform.settings.backups_kept,
    )


Service = Annotated[UpkeepService, Depends(get_service)]

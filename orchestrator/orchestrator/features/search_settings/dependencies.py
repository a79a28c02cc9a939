"""Puts the feature together."""

from typing import Annotated

from fastapi import Depends

from orchestrator.core.access import Resources
from orchestrator.features.search_settings.service import SearchSettingsService


async def get_service(resources: Resources) -> SearchSettingsService:
    """The service of this request."""
    platform = resources.platform
    return SearchSettingsService(platform.sessions, platform.services.rag, platform.relay)


Service = Annotated[SearchSettingsService, Depends(get_service)]

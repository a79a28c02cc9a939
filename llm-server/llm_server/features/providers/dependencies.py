"""Puts the feature together."""

from typing import Annotated

from fastapi import Depends

from llm_server.core.access import Opened
from llm_server.features.providers.service import ProviderService


async def get_service(resources: Opened) -> ProviderService:
    """The service of this request."""
    return ProviderService(resources.sessions, resources.vault, resources.refresher, resources.registry)


Service = Annotated[ProviderService, Depends(get_service)]

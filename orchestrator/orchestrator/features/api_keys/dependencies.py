"""Puts the feature together."""

from typing import Annotated

from fastapi import Depends

from orchestrator.core.access import Resources
from orchestrator.features.api_keys.service import ApiKeyService


async def get_service(resources: Resources) -> ApiKeyService:
    """The service of this request."""
    return ApiKeyService(resources.platform.sessions, resources.principals)


Service = Annotated[ApiKeyService, Depends(get_service)]

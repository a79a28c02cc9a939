"""Puts the feature together."""

from typing import Annotated

from fastapi import Depends

from orchestrator.core.access import Resources
from orchestrator.features.users.service import UserService


async def get_service(resources: Resources) -> UserService:
    """The service of this request."""
    return UserService(resources.platform.sessions, resources.hasher)


Service = Annotated[UserService, Depends(get_service)]

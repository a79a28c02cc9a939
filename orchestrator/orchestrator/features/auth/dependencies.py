"""Puts the feature together."""

from typing import Annotated

from fastapi import Depends

from orchestrator.core.access import Resources
from orchestrator.features.auth.service import AuthService


async def get_service(resources: Resources) -> AuthService:
    """The service of this request."""
    return AuthService(
        resources.platform.sessions,
        resources.hasher,
        resources.tokens,
        resources.principals,
        resources.login_limit,
        resources.platform.settings.refresh_token_lifetime,
    )


Service = Annotated[AuthService, Depends(get_service)]

"""Puts the feature together."""

from typing import Annotated

from fastapi import Depends, Header, Query

from orchestrator.core.access import Resources
from orchestrator.core.pages import MAXIMUM_PAGE
from orchestrator.features.repositories.service import RepositoryService

IdempotencyKey = Annotated[str | None, Header(alias="Idempotency-Key", min_length=1, max_length=255)]
Limit = Annotated[int, Query(ge=1, le=MAXIMUM_PAGE)]


async def get_service(resources: Resources) -> RepositoryService:
    """The service of this request."""
    platform = resources.platform
    return RepositoryService(
        platform.sessions, platform.services.docgen, platform.relay, platform.settings.maximum_active_runs
    )


Service = Annotated[RepositoryService, Depends(get_service)]

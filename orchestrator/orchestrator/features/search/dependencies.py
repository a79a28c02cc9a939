"""Puts the feature together."""

from typing import Annotated

from fastapi import Depends

from orchestrator.core.access import Resources
from orchestrator.features.search.service import SearchService


async def get_service(resources: Resources) -> SearchService:
    """The service of this request."""
    services = resources.platform.services
    return SearchService(resources.platform.sessions, services.rag, services.docgen)


Service = Annotated[SearchService, Depends(get_service)]

"""Puts the feature together."""

from typing import Annotated

from fastapi import Depends

from orchestrator.core.access import Resources
from orchestrator.features.facts.service import FactsService


async def get_service(resources: Resources) -> FactsService:
    """The service of this request."""
    return FactsService(resources.platform.sessions, resources.platform.services.docgen)


Service = Annotated[FactsService, Depends(get_service)]

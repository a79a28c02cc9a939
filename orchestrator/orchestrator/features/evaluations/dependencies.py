"""Puts the feature together."""

from typing import Annotated

from fastapi import Depends, Query

from orchestrator.core.access import Resources
from orchestrator.core.pages import MAXIMUM_PAGE
from orchestrator.features.evaluations.service import EvaluationService

Limit = Annotated[int, Query(ge=1, le=MAXIMUM_PAGE)]


async def get_service(resources: Resources) -> EvaluationService:
    """The service of this request."""
    platform = resources.platform
    return EvaluationService(platform.sessions, platform.services.docgen, platform.relay)


Service = Annotated[EvaluationService, Depends(get_service)]

"""Puts the feature together."""

from typing import Annotated

from fastapi import Depends, Request

from orchestrator.core.access import Resources
from orchestrator.features.system.service import SystemService


async def get_service(request: Request, resources: Resources) -> SystemService:
    """The service of this request."""
    return SystemService(resources.platform, request.app.state.readiness)


Service = Annotated[SystemService, Depends(get_service)]

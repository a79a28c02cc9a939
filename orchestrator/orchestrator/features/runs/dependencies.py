"""Puts the feature together."""

from typing import Annotated

from fastapi import Depends

from orchestrator.core.access import Resources
from orchestrator.features.runs.service import RunService


async def get_service(resources: Resources) -> RunService:
    """The service of this request."""
    return RunService(resources.platform.sessions, resources.events, resources.platform.relay)


Service = Annotated[RunService, Depends(get_service)]

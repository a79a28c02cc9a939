"""Puts the feature together."""

from typing import Annotated

from fastapi import Depends

from llm_server.core.access import Opened
from llm_server.features.usage.service import UsageService


async def get_service(resources: Opened) -> UsageService:
    """The service of this request."""
    return UsageService(resources.sessions, resources.ledger)


Service = Annotated[UsageService, Depends(get_service)]

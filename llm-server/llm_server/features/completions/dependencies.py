"""Puts the feature together."""

from typing import Annotated

from fastapi import Depends

from llm_server.core.access import Door
from llm_server.features.completions.service import CompletionService


async def get_service(door: Door) -> CompletionService:
    """The service of this request."""
    return CompletionService(door)


Service = Annotated[CompletionService, Depends(get_service)]

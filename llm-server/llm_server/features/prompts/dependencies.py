"""Puts the feature together."""

from typing import Annotated

from fastapi import Depends

from llm_server.core.access import Opened
from llm_server.features.prompts.service import PromptService


async def get_service(resources: Opened) -> PromptService:
    """The service of this request."""
    return PromptService(resources.sessions)


Service = Annotated[PromptService, Depends(get_service)]

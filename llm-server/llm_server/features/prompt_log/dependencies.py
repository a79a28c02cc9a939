"""Puts the feature together."""

from typing import Annotated

from fastapi import Depends

from llm_server.core.access import Opened
from llm_server.features.prompt_log.service import PromptLogService


async def get_service(resources: Opened) -> PromptLogService:
    """The service of this request."""
    return PromptLogService(resources.sessions, resources.refresher, resources.recorder)


Service = Annotated[PromptLogService, Depends(get_service)]

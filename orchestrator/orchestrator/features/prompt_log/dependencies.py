"""Puts the feature together."""

from typing import Annotated

from fastapi import Depends

from codemuse.clients.llm_administration import LlmAdministrationClient
from orchestrator.core.access import Resources
from orchestrator.features.prompt_log.service import PromptLogService


async def get_service(resources: Resources) -> PromptLogService:
    """The service of this request."""
    platform = resources.platform
    return PromptLogService(platform.sessions, LlmAdministrationClient(platform.services.llm.service))


Service = Annotated[PromptLogService, Depends(get_service)]

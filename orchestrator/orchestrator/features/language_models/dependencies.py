"""Puts the feature together."""

from typing import Annotated

from fastapi import Depends

from codemuse.clients.llm_administration import LlmAdministrationClient
from orchestrator.core.access import Resources
from orchestrator.features.language_models.service import LanguageModelService


async def get_service(resources: Resources) -> LanguageModelService:
    """The service of this request."""
    platform = resources.platform
    return LanguageModelService(LlmAdministrationClient(platform.services.llm.service), platform.sessions)


Service = Annotated[LanguageModelService, Depends(get_service)]

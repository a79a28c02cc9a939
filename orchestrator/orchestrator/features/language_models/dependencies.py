"""Puts the feature together."""

from typing import Annotated

from fastapi import Depends

from codemuse.clients.llm_administration import LlmAdministrationClient
from orchestrator.core.access import Resources
from orchestrator.features.language_models.service import LanguageModelService


async def get_service(resources: Resources) -> LanguageModelService:
    """The service of this request."""
    return LanguageModelService(LlmAdministrationClient(resources.platform.services.llm.service))


Service = Annotated[LanguageModelService, Depends(get_service)]

"""Puts the feature together."""

from typing import Annotated

from fastapi import Depends

from orchestrator.core.access import Resources
from orchestrator.features.embedding_models.service import EmbeddingModelService


async def get_service(resources: Resources) -> EmbeddingModelService:
    """The service of this request."""
    return EmbeddingModelService(resources.platform.sessions, resources.platform.services.embedding)


Service = Annotated[EmbeddingModelService, Depends(get_service)]

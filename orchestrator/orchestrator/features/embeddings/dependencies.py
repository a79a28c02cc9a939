"""Puts the feature together."""

from typing import Annotated

from fastapi import Depends

from orchestrator.core.access import Resources
from orchestrator.features.embeddings.service import EmbeddingService


async def get_service(resources: Resources) -> EmbeddingService:
    """The service of this request."""
    return EmbeddingService(resources.platform.services.embedding, resources.platform.redis)


Service = Annotated[EmbeddingService, Depends(get_service)]

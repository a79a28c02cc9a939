"""How routes get their service and the priority of a call."""

from typing import Annotated

from fastapi import Depends, Header, Request

from codemuse.contracts.embedding import PRIORITY_HEADER
from embedding_server.core.schedule import Priority
from embedding_server.features.embeddings.service import EmbeddingService


async def get_embedding_service(request: Request) -> EmbeddingService:
    """The service over the opened resources."""
    resources = request.app.state.resources
    return EmbeddingService(resources.registry, resources.cache)


EmbeddingServiceDep = Annotated[EmbeddingService, Depends(get_embedding_service)]
PriorityDep = Annotated[Priority, Header(alias=PRIORITY_HEADER)]

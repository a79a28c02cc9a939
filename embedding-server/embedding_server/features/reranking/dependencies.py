"""How routes get their service."""

from typing import Annotated

from fastapi import Depends, Request

from embedding_server.features.reranking.service import RerankingService


async def get_reranking_service(request: Request) -> RerankingService:
    """The service over the opened resources."""
    resources = request.app.state.resources
    return RerankingService(resources.registry, resources.rerankers)


RerankingServiceDep = Annotated[RerankingService, Depends(get_reranking_service)]

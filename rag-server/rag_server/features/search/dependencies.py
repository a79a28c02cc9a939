"""How routes get their service."""

from typing import Annotated

from fastapi import Depends, Request

from rag_server.core.resources import Resources
from rag_server.features.search.comparing import ComparisonService
from rag_server.features.search.context import ContextService
from rag_server.features.search.reranking import Reranking
from rag_server.features.search.service import SearchService


async def get_search_service(request: Request) -> SearchService:
    """The service over the open index."""
    resources: Resources = request.app.state.resources
    settings = resources.settings
    reranking = (
        Reranking(resources.embeddings, settings.search_reranker, settings.search_rerank_depth)
        if settings.search_reranker
        else None
    )
    return SearchService(resources.opener.index, reranking)


SearchServiceDep = Annotated[SearchService, Depends(get_search_service)]


async def get_context_service(request: Request, search: SearchServiceDep) -> ContextService:
    """The service over the open index."""
    return ContextService(search, request.app.state.resources.opener.index.store)


ContextServiceDep = Annotated[ContextService, Depends(get_context_service)]


async def get_comparison_service(search: SearchServiceDep) -> ComparisonService:
    """The service over the open index."""
    return ComparisonService(search)


ComparisonServiceDep = Annotated[ComparisonService, Depends(get_comparison_service)]

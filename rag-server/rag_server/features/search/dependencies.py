"""How routes get their service."""

from typing import Annotated

from fastapi import Depends, Request

from rag_server.features.search.comparing import ComparisonService
from rag_server.features.search.context import ContextService
from rag_server.features.search.service import SearchService


async def get_search_service(request: Request) -> SearchService:
    """The service over the open index."""
    return SearchService(request.app.state.resources.opener.index)


SearchServiceDep = Annotated[SearchService, Depends(get_search_service)]


async def get_context_service(request: Request) -> ContextService:
    """The service over the open index."""
    index = request.app.state.resources.opener.index
    return ContextService(SearchService(index), index.store)


ContextServiceDep = Annotated[ContextService, Depends(get_context_service)]


async def get_comparison_service(request: Request) -> ComparisonService:
    """The service over the open index."""
    return ComparisonService(SearchService(request.app.state.resources.opener.index))


ComparisonServiceDep = Annotated[ComparisonService, Depends(get_comparison_service)]

"""How routes get their service and the repository they are about."""

from typing import Annotated

from fastapi import Depends, Path, Query, Request

from codemuse.contracts.common import Identifier
from rag_server.core.points import OPEN, RepositoryKey
from rag_server.features.generations.targets import EveryIndex


async def get_generation_service(
    request: Request, build: Annotated[Identifier | None, Query(description="An index that is being built.")] = None
) -> EveryIndex:
    """The service over the open index, or over the one that is built beside it."""
    return EveryIndex(request.app.state.resources.builds, build)


async def get_repository_key(
    repository_id: Identifier, organisation_id: Annotated[Identifier, Query()]
) -> RepositoryKey:
    """The repository named by the path and the query."""
    return RepositoryKey(organisation_id, repository_id)


GenerationServiceDep = Annotated[EveryIndex, Depends(get_generation_service)]
RepositoryKeyDep = Annotated[RepositoryKey, Depends(get_repository_key)]
GenerationPath = Annotated[int, Path(ge=1, lt=OPEN)]
GenerationQuery = Annotated[int, Query(ge=1, lt=OPEN)]

"""Puts the service of this feature together for a request."""

from typing import Annotated

from fastapi import Depends

from docgen_server.core.resources import Resources, get_resources
from docgen_server.features.repositories.service import RepositoryService


async def _service(resources: Annotated[Resources, Depends(get_resources)]) -> RepositoryService:
    return RepositoryService(resources.sessions, resources.mirrors, resources.archive_limits)


Repositories = Annotated[RepositoryService, Depends(_service)]

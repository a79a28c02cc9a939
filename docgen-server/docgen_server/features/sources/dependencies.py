"""Puts the service of this feature together for a request."""

from typing import Annotated

from fastapi import Depends

from docgen_server.core.resources import Resources, get_resources
from docgen_server.features.sources.service import SourceService


async def _service(resources: Annotated[Resources, Depends(get_resources)]) -> SourceService:
    return SourceService(resources.policy)


Sources = Annotated[SourceService, Depends(_service)]

"""Puts the service of this feature together for a request."""

from typing import Annotated

from fastapi import Depends

from docgen_server.core.resources import Resources, get_resources
from docgen_server.features.graph.service import GraphService


async def _service(resources: Annotated[Resources, Depends(get_resources)]) -> GraphService:
    return GraphService(resources.sessions, resources.links)


Graphs = Annotated[GraphService, Depends(_service)]

"""Puts the service of this feature together for a request."""

from typing import Annotated

from fastapi import Depends

from docgen_server.core.resources import Resources, get_resources
from docgen_server.features.history.service import HistoryService


async def _service(resources: Annotated[Resources, Depends(get_resources)]) -> HistoryService:
    return HistoryService(resources.sessions, resources.histories, resources.links)


Histories = Annotated[HistoryService, Depends(_service)]

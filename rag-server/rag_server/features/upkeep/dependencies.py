"""How routes get their service."""

from typing import Annotated

from fastapi import Depends, Request

from rag_server.features.upkeep.service import UpkeepService


async def get_upkeep_service(request: Request) -> UpkeepService:
    """The service over the index, its builds and its backups."""
    resources = request.app.state.resources
    return UpkeepService(resources.opener, resources.builds, resources.backups)


UpkeepServiceDep = Annotated[UpkeepService, Depends(get_upkeep_service)]

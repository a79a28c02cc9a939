"""Puts the service of this feature together for a request."""

from typing import Annotated

from fastapi import Depends

from docgen_server.core.resources import Resources, get_resources
from docgen_server.features.pairs.service import PairService


async def _service(resources: Annotated[Resources, Depends(get_resources)]) -> PairService:
    return PairService(resources.sessions, resources.mirrors, resources.links)


Pairs = Annotated[PairService, Depends(_service)]

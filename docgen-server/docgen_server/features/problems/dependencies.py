"""Puts the service of this feature together for a request."""

from typing import Annotated

from fastapi import Depends

from docgen_server.core.resources import Resources, get_resources
from docgen_server.features.problems.service import ProblemService


async def _service(resources: Annotated[Resources, Depends(get_resources)]) -> ProblemService:
    return ProblemService(resources.sessions, resources.links, resources.histories)


Problems = Annotated[ProblemService, Depends(_service)]

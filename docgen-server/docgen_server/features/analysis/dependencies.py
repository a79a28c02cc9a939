"""Puts the service of this feature together for a request."""

from typing import Annotated

from fastapi import Depends

from docgen_server.core.resources import Resources, get_resources
from docgen_server.features.analysis.service import AnalysisService


async def _service(resources: Annotated[Resources, Depends(get_resources)]) -> AnalysisService:
    return AnalysisService(resources.sessions, resources.mirrors, resources.parsers, resources.linter)


Analysis = Annotated[AnalysisService, Depends(_service)]

"""Puts the service of this feature together for a request."""

from typing import Annotated

from fastapi import Depends

from docgen_server.core.resources import Resources, get_resources
from docgen_server.features.reports.service import ReportService


async def _service(resources: Annotated[Resources, Depends(get_resources)]) -> ReportService:
    return ReportService(resources.sessions, resources.links)


Reports = Annotated[ReportService, Depends(_service)]

"""Puts the feature together."""

from typing import Annotated

from fastapi import Depends

from orchestrator.core.access import Resources
from orchestrator.features.documents.service import DocumentService


async def get_service(resources: Resources) -> DocumentService:
    """The service of this request."""
    return DocumentService(resources.platform.sessions, resources.platform.services.docgen)


Service = Annotated[DocumentService, Depends(get_service)]

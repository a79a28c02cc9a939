"""Puts the feature together."""

from typing import Annotated

from fastapi import Depends

from codemuse.clients.documents import DocumentsClient
from orchestrator.core.access import Resources
from orchestrator.features.documents.service import DocumentService


async def get_service(resources: Resources) -> DocumentService:
    """The service of this request."""
    return DocumentService(resources.platform.sessions, DocumentsClient(resources.platform.services.docgen.service))


Service = Annotated[DocumentService, Depends(get_service)]

"""Puts the services of this feature together for a request."""

from typing import Annotated

from fastapi import Depends

from docgen_server.core.resources import Resources, get_resources
from docgen_server.features.documents.generation import DocumentGenerator
from docgen_server.features.documents.service import DocumentService


async def _service(resources: Annotated[Resources, Depends(get_resources)]) -> DocumentService:
    return DocumentService(resources.sessions)


async def _generator(resources: Annotated[Resources, Depends(get_resources)]) -> DocumentGenerator:
    return DocumentGenerator(resources.sessions, resources.mirrors, resources.renderer)


Documents = Annotated[DocumentService, Depends(_service)]
Generator = Annotated[DocumentGenerator, Depends(_generator)]

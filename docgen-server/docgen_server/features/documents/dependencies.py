"""Puts the services of this feature together for a request."""

from typing import Annotated

from fastapi import Depends

from docgen_server.core.resources import Resources, get_resources
from docgen_server.features.documents.exporting import DocumentExporter
from docgen_server.features.documents.generation import DocumentGenerator
from docgen_server.features.documents.inputs import InputStores
from docgen_server.features.documents.service import DocumentService
from docgen_server.features.documents.summaries import SummaryWriter


async def _service(resources: Annotated[Resources, Depends(get_resources)]) -> DocumentService:
    return DocumentService(resources.sessions, resources.mirrors)


async def _generator(resources: Annotated[Resources, Depends(get_resources)]) -> DocumentGenerator:
    stores = InputStores(resources.mirrors, resources.links, resources.histories)
    tools = resources.documents
    writer = SummaryWriter(tools.llm, resources.sessions, tools.summaries)
    return DocumentGenerator(resources.sessions, stores, tools.renderer, tools.sandbox, writer)


async def _exporter(resources: Annotated[Resources, Depends(get_resources)]) -> DocumentExporter:
    return DocumentExporter(resources.sessions, resources.documents.site_turn, resources.documents.mermaid_script)


Documents = Annotated[DocumentService, Depends(_service)]
Generator = Annotated[DocumentGenerator, Depends(_generator)]
Exporter = Annotated[DocumentExporter, Depends(_exporter)]

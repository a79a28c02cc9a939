"""Routes below ``/documents``."""

from typing import Annotated

from fastapi import APIRouter, Query

from codemuse.contracts.documents import DocumentPage, DocumentRead, DocumentsGenerated, DocumentUpdate
from codemuse.contracts.gateway import PublicDocumentsGenerate
from orchestrator.core.access import Caller
from orchestrator.features.documents.dependencies import Service

router = APIRouter(prefix="/api/v1/documents", tags=["documents"])


@router.post("/generate")
async def generate_documents(body: PublicDocumentsGenerate, caller: Caller, service: Service) -> DocumentsGenerated:
    """Render the documents of a repository that are not right any more."""
    return await service.generate(caller, body)


@router.get("")
async def list_documents(
    caller: Caller,
    service: Service,
    repository_id: Annotated[str, Query(max_length=64)],
    query: Annotated[str | None, Query(max_length=500)] = None,
    cursor: Annotated[str | None, Query(max_length=4096)] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 200,
) -> DocumentPage:
    """Documents of a repository, without their text."""
    return await service.list_page(caller, repository_id, query, cursor, limit)


@router.get("/{document_id}")
async def get_document(document_id: str, caller: Caller, service: Service) -> DocumentRead:
    """One document."""
    return await service.get(caller, document_id)


@router.put("/{document_id}")
async def update_document(document_id: str, body: DocumentUpdate, caller: Caller, service: Service) -> DocumentRead:
    """Keep an edited document; generation leaves it alone from then on."""
    return await service.update(caller, document_id, body)


@router.delete("/{document_id}", status_code=204)
async def delete_document(document_id: str, caller: Caller, service: Service) -> None:
    """Remove a document."""
    await service.delete(caller, document_id)

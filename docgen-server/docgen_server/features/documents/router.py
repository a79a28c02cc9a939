"""Routes of documents."""

from typing import Annotated

from fastapi import APIRouter, Query

from codemuse.contracts.common import Identifier
from codemuse.contracts.documents import (
    DocumentPage,
    DocumentRead,
    DocumentsGenerate,
    DocumentsGenerated,
    DocumentUpdate,
)
from docgen_server.features.documents.dependencies import Documents, Generator

router = APIRouter(prefix="/api/v1/documents", tags=["documents"])


@router.post("/generate")
async def generate_documents(body: DocumentsGenerate, generator: Generator) -> DocumentsGenerated:
    """Render what is not right any more; documents whose inputs are the same are left alone."""
    return await generator.generate(body.snapshot_id, body.paths)


@router.get("")
async def list_documents(
    repository_id: Identifier,
    documents: Documents,
    query: Annotated[str, Query(max_length=200)] = "",
    cursor: str | None = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 200,
) -> DocumentPage:
    """Documents of a repository in path order, the overview first; a query looks into titles and paths."""
    return await documents.list_documents(repository_id, query.strip(), cursor, limit)


@router.get("/{document_id}")
async def get_document(document_id: Identifier, documents: Documents) -> DocumentRead:
    """One document with its text."""
    return await documents.get(document_id)


@router.put("/{document_id}")
async def update_document(document_id: Identifier, body: DocumentUpdate, documents: Documents) -> DocumentRead:
    """Store what a person wrote; it is kept when documents are rendered again."""
    return await documents.update(document_id, body)


@router.delete("/{document_id}")
async def delete_document(document_id: Identifier, documents: Documents) -> dict[str, str]:
    """Remove a document until its source changes."""
    await documents.delete(document_id)
    return {}

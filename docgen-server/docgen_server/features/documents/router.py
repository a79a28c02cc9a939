"""Routes of documents."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from codemuse.contracts.common import Identifier
from codemuse.contracts.documents import (
    DocumentDiff,
    DocumentHistory,
    DocumentLanguage,
    DocumentPage,
    DocumentRead,
    DocumentResolve,
    DocumentRestore,
    DocumentsGenerate,
    DocumentsGenerated,
    DocumentUpdate,
    ExportFormat,
    RevisionRead,
)
from docgen_server.features.documents.dependencies import Documents, Exporter, Generator

router = APIRouter(prefix="/api/v1/documents", tags=["documents"])

Author = Annotated[str, Query(max_length=200, description="Who does it, as the gateway knows them.")]
_MEDIA_TYPES = {ExportFormat.JSON: "application/json"}


@router.post("/generate")
async def generate_documents(body: DocumentsGenerate, generator: Generator) -> DocumentsGenerated:
    """Render what is not right any more; sections whose inputs are the same are left alone, edits are merged."""
    return await generator.generate(body)


@router.get("")
async def list_documents(
    repository_id: Identifier,
    documents: Documents,
    query: Annotated[str, Query(max_length=200)] = "",
    language: DocumentLanguage = "en",
    cursor: str | None = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 200,
) -> DocumentPage:
    """Documents of a repository in path order; a query looks into titles and paths."""
    return await documents.list_documents(repository_id, query.strip(), language, cursor=cursor, limit=limit)


@router.get("/export")
async def export_documents(
    repository_id: Identifier,
    exporter: Exporter,
    format: ExportFormat = ExportFormat.MARKDOWN,
    language: DocumentLanguage = "en",
) -> Response:
    """All pages written from the code: a zip of Markdown, a zip of a static site, or JSON."""
    content = await exporter.export(repository_id, format, language)
    return Response(content, media_type=_MEDIA_TYPES.get(format, "application/zip"))


@router.get("/{document_id}")
async def get_document(
    document_id: Identifier, documents: Documents, snapshot_id: Identifier | None = None
) -> DocumentRead:
    """One document with its text; with a snapshot, whether it is fresh there, and why not."""
    return await documents.get(document_id, snapshot_id)


@router.put("/{document_id}")
async def update_document(
    document_id: Identifier, body: DocumentUpdate, documents: Documents, author: Author = ""
) -> DocumentRead:
    """Store what a person wrote; it is merged with what is rendered later."""
    return await documents.update(document_id, body, author)


@router.post("/{document_id}/resolve")
async def resolve_conflict(
    document_id: Identifier, body: DocumentResolve, documents: Documents, author: Author = ""
) -> DocumentRead:
    """Settle the conflict of one section."""
    return await documents.resolve(document_id, body, author)


@router.get("/{document_id}/history")
async def get_history(document_id: Identifier, documents: Documents) -> DocumentHistory:
    """Every state that is kept, the newest first."""
    return await documents.history(document_id)


@router.get("/{document_id}/history/{revision}")
async def get_revision(document_id: Identifier, revision: int, documents: Documents) -> RevisionRead:
    """One state with its text."""
    return await documents.get_revision(document_id, revision)


@router.get("/{document_id}/diff")
async def get_diff(
    document_id: Identifier,
    documents: Documents,
    first: Annotated[int, Query(alias="from", ge=1)],
    second: Annotated[int, Query(alias="to", ge=1)],
) -> DocumentDiff:
    """What changed between two states."""
    return await documents.diff(document_id, first, second)


@router.post("/{document_id}/restore")
async def restore_revision(
    document_id: Identifier, body: DocumentRestore, documents: Documents, author: Author = ""
) -> DocumentRead:
    """Make a former state the newest again."""
    return await documents.restore(document_id, body.revision, author)


@router.delete("/{document_id}")
async def delete_document(document_id: Identifier, documents: Documents) -> dict[str, str]:
    """Remove a document until its source changes."""
    await documents.delete(document_id)
    return {}

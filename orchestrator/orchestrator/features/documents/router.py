"""Routes below ``/documents``."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from codemuse.contracts.documents import (
    DocumentDiff,
    DocumentHistory,
    DocumentLanguage,
    DocumentPage,
    DocumentRead,
    DocumentResolve,
    DocumentRestore,
    DocumentsGenerated,
    DocumentUpdate,
    ExportFormat,
    RevisionRead,
)
from codemuse.contracts.gateway import PublicDocumentsGenerate
from orchestrator.core.access import Caller
from orchestrator.core.conditional import ConditionalRoute
from orchestrator.features.documents.dependencies import Service

router = APIRouter(prefix="/api/v1/documents", tags=["documents"], route_class=ConditionalRoute)

RepositoryId = Annotated[str, Query(max_length=64)]
_EXPORTS = {
    ExportFormat.MARKDOWN: ("application/zip", "docs.zip"),
    ExportFormat.SITE: ("application/zip", "site.zip"),
    ExportFormat.JSON: ("application/json", "docs.json"),
}


@router.post("/generate")
async def generate_documents(body: PublicDocumentsGenerate, caller: Caller, service: Service) -> DocumentsGenerated:
    """Render the documents of a repository that are not right any more; in a language that it has none in, all."""
    return await service.generate(caller, body)


@router.get("")
async def list_documents(
    caller: Caller,
    service: Service,
    repository_id: RepositoryId,
    query: Annotated[str | None, Query(max_length=500)] = None,
    language: DocumentLanguage = "en",
    cursor: Annotated[str | None, Query(max_length=4096)] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 200,
) -> DocumentPage:
    """Documents of a repository, without their text."""
    params = {"query": query, "language": language, "cursor": cursor, "limit": limit}
    return await service.list_page(caller, repository_id, params)


@router.get(
    "/export",
    response_class=Response,
    responses={200: {"content": {"application/zip": {}, "application/json": {}}}},
)
async def export_documents(
    caller: Caller,
    service: Service,
    repository_id: RepositoryId,
    format: ExportFormat = ExportFormat.MARKDOWN,
    language: DocumentLanguage = "en",
) -> Response:
    """All pages that were written from the code: a zip of Markdown, a zip of a static site, or one JSON."""
    media_type, name = _EXPORTS[format]
    content = await service.export(caller, repository_id, format, language)
    return Response(content, media_type=media_type, headers={"Content-Disposition": f'attachment; filename="{name}"'})


@router.get("/{document_id}")
async def get_document(document_id: str, caller: Caller, service: Service) -> DocumentRead:
    """One document, and whether it is fresh."""
    return await service.get(caller, document_id)


@router.put("/{document_id}")
async def update_document(document_id: str, body: DocumentUpdate, caller: Caller, service: Service) -> DocumentRead:
    """Keep an edited document; what is generated later is merged into it, section by section."""
    return await service.update(caller, document_id, body)


@router.post("/{document_id}/resolve")
async def resolve_document_conflict(
    document_id: str, body: DocumentResolve, caller: Caller, service: Service
) -> DocumentRead:
    """Settle a section in which an edit and the code disagree."""
    return await service.resolve(caller, document_id, body)


@router.get("/{document_id}/history")
async def get_document_history(document_id: str, caller: Caller, service: Service) -> DocumentHistory:
    """Every state of a document that is kept, the newest first."""
    return await service.history(caller, document_id)


@router.get("/{document_id}/history/{revision}")
async def get_document_revision(document_id: str, revision: int, caller: Caller, service: Service) -> RevisionRead:
    """One state with its text."""
    return await service.get_revision(caller, document_id, revision)


@router.get("/{document_id}/diff")
async def get_document_diff(
    document_id: str,
    caller: Caller,
    service: Service,
    first: Annotated[int, Query(alias="from", ge=1)],
    second: Annotated[int, Query(alias="to", ge=1)],
) -> DocumentDiff:
    """What changed from one state to another."""
    return await service.diff(caller, document_id, first, second)


@router.post("/{document_id}/restore")
async def restore_document(document_id: str, body: DocumentRestore, caller: Caller, service: Service) -> DocumentRead:
    """Make a former state the newest again."""
    return await service.restore(caller, document_id, body)


@router.delete("/{document_id}", status_code=204)
async def delete_document(document_id: str, caller: Caller, service: Service) -> None:
    """Remove a document until its source changes."""
    await service.delete(caller, document_id)

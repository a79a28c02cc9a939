"""Client of docgen-server's documents."""

from urllib.parse import quote

from pydantic import BaseModel

from codemuse.contracts.common import Reply
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
from codemuse.http import Params, R, ServiceClient

_ROOT = "/api/v1/documents"
_LONG_SECONDS = 300.0


class DocumentsClient:
    """Pages, their history, and exports."""

    def __init__(self, service: ServiceClient) -> None:
        self._service = service

    async def generate(self, body: DocumentsGenerate) -> DocumentsGenerated:
        """Render the documents of a snapshot that are not right any more."""
        return await self._service.call(
            "POST", f"{_ROOT}/generate", DocumentsGenerated, body=body, timeout_seconds=_LONG_SECONDS
        )

    async def list_page(self, params: Params) -> DocumentPage:
        """One page of documents of a repository."""
        return await self._service.call("GET", _ROOT, DocumentPage, params=params)

    async def get(self, document_id: str, snapshot_id: str | None = None) -> DocumentRead:
        """One document with its text; with a snapshot, whether it is fresh there."""
        return await self._get(document_id, "", DocumentRead, {"snapshot_id": snapshot_id})

    async def update(self, document_id: str, body: DocumentUpdate, author: str) -> DocumentRead:
        """Store an edited document."""
        return await self._send("PUT", document_id, "", body, author)

    async def resolve(self, document_id: str, body: DocumentResolve, author: str) -> DocumentRead:
        """Settle the conflict of a section."""
        return await self._send("POST", document_id, "/resolve", body, author)

    async def restore(self, document_id: str, body: DocumentRestore, author: str) -> DocumentRead:
        """Make a former state the newest again."""
        return await self._send("POST", document_id, "/restore", body, author)

    async def history(self, document_id: str) -> DocumentHistory:
        """Every state that is kept."""
        return await self._get(document_id, "/history", DocumentHistory, {})

    async def get_revision(self, document_id: str, revision: int) -> RevisionRead:
        """One state with its text."""
        return await self._get(document_id, f"/history/{revision}", RevisionRead, {})

    async def diff(self, document_id: str, first: int, second: int) -> DocumentDiff:
        """What changed between two states."""
        return await self._get(document_id, "/diff", DocumentDiff, {"from": first, "to": second})

    async def export(self, repository_id: str, wanted: ExportFormat, language: DocumentLanguage) -> bytes:
        """All pages of a repository."""
        params = {"repository_id": repository_id, "format": wanted.value, "language": language}
        async with self._service.stream(
            "GET", f"{_ROOT}/export", params=params, timeout_seconds=_LONG_SECONDS
        ) as response:
            return await response.aread()

    async def delete(self, document_id: str) -> None:
        """Remove a document."""
        await self._service.call("DELETE", f"{_ROOT}/{quote(document_id, safe='')}", Reply)

    async def _get(self, document_id: str, what: str, reply: type[R], params: Params) -> R:
        path = f"{_ROOT}/{quote(document_id, safe='')}{what}"
        return await self._service.call("GET", path, reply, params=params)

    async def _send(self, method: str, document_id: str, what: str, body: BaseModel, author: str) -> DocumentRead:
        path = f"{_ROOT}/{quote(document_id, safe='')}{what}"
        return await self._service.call(
            method, path, DocumentRead, body=body, params={"author": author}, idempotent=False
        )

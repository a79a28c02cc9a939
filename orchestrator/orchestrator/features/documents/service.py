"""Documents of the repositories that the caller may read."""

from codemuse.clients.documents import DocumentsClient
from codemuse.contracts.accounts import ApiKeyScope
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
from codemuse.contracts.gateway import PublicDocumentsGenerate
from codemuse.database import Sessions
from codemuse.errors import NotFound
from codemuse.http import Params
from orchestrator.core.principal import Principal
from orchestrator.db.models import User
from orchestrator.db.repositories import RepositoryLookup


class DocumentService:
    """Documents, with the ownership that docgen-server does not know of."""

    def __init__(self, sessions: Sessions, documents: DocumentsClient) -> None:
        self._sessions = sessions
        self._documents = documents

    async def generate(self, principal: Principal, request: PublicDocumentsGenerate) -> DocumentsGenerated:
        """Render what is not right any more."""
        principal.require(ApiKeyScope.INDEX)
        async with self._sessions() as session:
            lookup = RepositoryLookup(session, principal.organisation_id)
            _, snapshot_id = await lookup.get_indexed(request.repository_id)
        body = DocumentsGenerate(
            snapshot_id=snapshot_id,
            paths=request.paths,
            language=request.language,
            organisation_id=principal.organisation_id,
        )
        return await self._documents.generate(body)

    async def list_page(self, principal: Principal, repository_id: str, params: Params) -> DocumentPage:
        """Documents of a repository, in the order of their tree."""
        await self._check_repository(principal, repository_id)
        return await self._documents.list_page({"repository_id": repository_id, **params})

    async def export(
        self, principal: Principal, repository_id: str, wanted: ExportFormat, language: DocumentLanguage
    ) -> bytes:
        """All pages of a repository, in the format that is wanted."""
        await self._check_repository(principal, repository_id)
        return await self._documents.export(repository_id, wanted, language)

    async def get(self, principal: Principal, document_id: str) -> DocumentRead:
        """One document, and whether it says what the published commit says.

        Raises:
            NotFound: There is none that the caller may read.
        """
        document = await self._get_owned(principal, document_id)
        async with self._sessions() as session:
            found = await RepositoryLookup(session, principal.organisation_id).get(document.repository_id)
        return await self._documents.get(document_id, found.snapshot_id)

    async def update(self, principal: Principal, document_id: str, change: DocumentUpdate) -> DocumentRead:
        """Keep an edited document."""
        author = await self._author(principal, document_id)
        return await self._documents.update(document_id, change, author)

    async def resolve(self, principal: Principal, document_id: str, choice: DocumentResolve) -> DocumentRead:
        """Settle the conflict of a section."""
        author = await self._author(principal, document_id)
        return await self._documents.resolve(document_id, choice, author)

    async def restore(self, principal: Principal, document_id: str, choice: DocumentRestore) -> DocumentRead:
        """Make a former state the newest again."""
        author = await self._author(principal, document_id)
        return await self._documents.restore(document_id, choice, author)

    async def history(self, principal: Principal, document_id: str) -> DocumentHistory:
        """Every state that is kept."""
        await self._get_owned(principal, document_id)
        return await self._documents.history(document_id)

    async def get_revision(self, principal: Principal, document_id: str, revision: int) -> RevisionRead:
        """One state with its text."""
        await self._get_owned(principal, document_id)
        return await self._documents.get_revision(document_id, revision)

    async def diff(self, principal: Principal, document_id: str, first: int, second: int) -> DocumentDiff:
        """What changed between two states."""
        await self._get_owned(principal, document_id)
        return await self._documents.diff(document_id, first, second)

    async def delete(self, principal: Principal, document_id: str) -> None:
        """Remove a document."""
        principal.require(ApiKeyScope.INDEX)
        await self._get_owned(principal, document_id)
        await self._documents.delete(document_id)

    async def _check_repository(self, principal: Principal, repository_id: str) -> None:
        principal.require(ApiKeyScope.SEARCH)
        async with self._sessions() as session:
            await RepositoryLookup(session, principal.organisation_id).get(repository_id)

    async def _get_owned(self, principal: Principal, document_id: str) -> DocumentRead:
        principal.require(ApiKeyScope.SEARCH)
        document = await self._documents.get(document_id)
        try:
            await self._check_repository(principal, document.repository_id)
        except NotFound:
            raise NotFound("There is no such document.", code="document_not_found") from None
        return document

    async def _author(self, principal: Principal, document_id: str) -> str:
        """Name of the person who changes a document that they may change."""
        principal.require(ApiKeyScope.INDEX)
        await self._get_owned(principal, document_id)
        async with self._sessions() as session:
            user = await session.get(User, principal.user_id)
        return (user.name or user.email) if user else ""

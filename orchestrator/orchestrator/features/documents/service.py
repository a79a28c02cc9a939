"""Documents of the repositories that the caller may read."""

from codemuse.clients.docgen import DocgenClient
from codemuse.contracts.accounts import ApiKeyScope
from codemuse.contracts.documents import (
    DocumentPage,
    DocumentRead,
    DocumentsGenerate,
    DocumentsGenerated,
    DocumentUpdate,
)
from codemuse.contracts.gateway import PublicDocumentsGenerate
from codemuse.database import Sessions
from codemuse.errors import NotFound
from orchestrator.core.principal import Principal
from orchestrator.db.repositories import RepositoryLookup


class DocumentService:
    """Documents, with the ownership that docgen-server does not know of."""

    def __init__(self, sessions: Sessions, docgen: DocgenClient) -> None:
        self._sessions = sessions
        self._docgen = docgen

    async def generate(self, principal: Principal, request: PublicDocumentsGenerate) -> DocumentsGenerated:
        """Render what is not right any more."""
        principal.require(ApiKeyScope.INDEX)
        async with self._sessions() as session:
            lookup = RepositoryLookup(session, principal.organisation_id)
            _, snapshot_id = await lookup.get_indexed(request.repository_id)
        return await self._docgen.generate_documents(DocumentsGenerate(snapshot_id=snapshot_id, paths=request.paths))

    async def list_page(
        self, principal: Principal, repository_id: str, query: str | None, cursor: str | None, limit: int
    ) -> DocumentPage:
        """Documents of a repository, in the order of their tree."""
        principal.require(ApiKeyScope.SEARCH)
        async with self._sessions() as session:
            await RepositoryLookup(session, principal.organisation_id).get(repository_id)
        params = {"repository_id": repository_id, "query": query, "cursor": cursor, "limit": limit}
        return await self._docgen.list_documents(params)

    async def get(self, principal: Principal, document_id: str) -> DocumentRead:
        """One document.

        Raises:
            NotFound: There is none that the caller may read.
        """
        principal.require(ApiKeyScope.SEARCH)
        document = await self._docgen.get_document(document_id)
        try:
            async with self._sessions() as session:
                await RepositoryLookup(session, principal.organisation_id).get(document.repository_id)
        except NotFound:
            raise NotFound("There is no such document.", code="document_not_found") from None
        return document

    async def update(self, principal: Principal, document_id: str, change: DocumentUpdate) -> DocumentRead:
        """Keep an edited document."""
        principal.require(ApiKeyScope.INDEX)
        await self.get(principal, document_id)
        return await self._docgen.update_document(document_id, change)

    async def delete(self, principal: Principal, document_id: str) -> None:
        """Remove a document."""
        principal.require(ApiKeyScope.INDEX)
        await self.get(principal, document_id)
        await self._docgen.delete_document(document_id)

"""Reads and edits documents."""

from codemuse.contracts.documents import DocumentPage, DocumentRead, DocumentSummary, DocumentUpdate
from codemuse.database import Sessions
from docgen_server.db.models import Document
from docgen_server.db.pages import decode_cursor, encode_cursor
from docgen_server.features.documents.errors import DocumentNotFound, NothingToChange
from docgen_server.features.documents.repository import DocumentRepository


class DocumentService:
    """Documents as people use them."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    async def list_documents(self, repository_id: str, query: str, cursor: str | None, limit: int) -> DocumentPage:
        """A page of documents in path order."""
        after = decode_cursor(cursor)
        async with self._sessions() as session:
            found = await DocumentRepository(session).list_documents(repository_id, query, after, limit + 1)
        return DocumentPage(
            items=[_summary(document) for document in found[:limit]],
            next_cursor=encode_cursor(found[limit - 1].path) if len(found) > limit else None,
        )

    async def get(self, document_id: str) -> DocumentRead:
        """One document.

        Raises:
            DocumentNotFound: There is none, or it was deleted.
        """
        async with self._sessions() as session:
            return _read(_shown(await DocumentRepository(session).find(document_id)))

    async def update(self, document_id: str, body: DocumentUpdate) -> DocumentRead:
        """Store a person's title or text.

        Raises:
            DocumentNotFound: There is none, or it was deleted.
            NothingToChange: The update is empty.
        """
        if body.title is None and body.content is None:
            raise NothingToChange("Give a title or a content.")
        async with self._sessions.begin() as session:
            repository = DocumentRepository(session)
            document = _shown(await repository.find(document_id))
            document.title = (body.title or document.title).replace("\0", "")
            document.content = (document.content if body.content is None else body.content).replace("\0", "")
            document.is_edited, document.is_stale = True, False
            await repository.touch(document)
            return _read(document)

    async def delete(self, document_id: str) -> None:
        """Remove a document until its source changes.

        Raises:
            DocumentNotFound: There is none, or it was deleted.
        """
        async with self._sessions.begin() as session:
            document = _shown(await DocumentRepository(session).find(document_id))
            document.is_deleted, document.is_edited, document.is_stale = True, False, False


def _shown(document: Document | None) -> Document:
    if document is None or document.is_deleted:
        raise DocumentNotFound("There is no such document.")
    return document


def _summary(document: Document) -> DocumentSummary:
    return DocumentSummary(
        id=document.id,
        repository_id=document.repository_id,
        title=document.title,
        kind=document.kind,
        path=document.path,
        source_file=document.source_file,
        created_at=document.created_at,
        updated_at=document.updated_at,
        metadata={
            "commit": document.commit,
            "language": document.language,
            "edited": document.is_edited,
            "stale": document.is_stale,
        },
    )


def _read(document: Document) -> DocumentRead:
    return DocumentRead(**_summary(document).model_dump(), content=document.content)

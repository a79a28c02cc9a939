"""Reads documents, and keeps what people make of them."""

from typing import Literal

from codemuse.contracts.documents import (
    DocumentDiff,
    DocumentHistory,
    DocumentPage,
    DocumentRead,
    DocumentResolve,
    DocumentUpdate,
    RevisionRead,
)
from codemuse.database import Sessions
from docgen_server.core.documents.merge import apply_edit
from docgen_server.core.documents.sections import Section, decode_sections, encode_sections
from docgen_server.core.git.mirror import MirrorStore
from docgen_server.db.models import Document, DocumentRevision
from docgen_server.db.pages import decode_cursor, encode_cursor
from docgen_server.features.documents.errors import (
    DocumentChanged,
    DocumentNotFound,
    NothingToChange,
    RevisionNotFound,
    SectionNotFound,
)
from docgen_server.features.documents.freshness import FreshnessCheck
from docgen_server.features.documents.reading import (
    compare,
    content_of,
    read_document,
    read_full_revision,
    read_revision,
    read_summary,
)
from docgen_server.features.documents.repository import DocumentRepository


class DocumentService:
    """Documents as people use them."""

    def __init__(self, sessions: Sessions, mirrors: MirrorStore) -> None:
        self._sessions = sessions
        self._mirrors = mirrors

    async def list_documents(
        self, repository_id: str, query: str, locale: str, *, cursor: str | None, limit: int
    ) -> DocumentPage:
        """A page of documents in path order."""
        after = decode_cursor(cursor)
        async with self._sessions() as session:
            repository = DocumentRepository(session)
            found = await repository.list_documents(repository_id, query, locale, after=after, limit=limit + 1)
        return DocumentPage(
            items=[read_summary(document) for document in found[:limit]],
            next_cursor=encode_cursor(found[limit - 1].path) if len(found) > limit else None,
        )

    async def get(self, document_id: str, snapshot_id: str | None) -> DocumentRead:
        """One document; with a snapshot, also whether it says what that snapshot says.

        Raises:
            DocumentNotFound: There is none, or it was deleted.
            SnapshotNotFound: There is no such snapshot.
        """
        async with self._sessions() as session:
            document = _shown(await DocumentRepository(session).find(document_id))
            check = FreshnessCheck(session, self._mirrors)
            return read_document(document, await check.check(document, snapshot_id) if snapshot_id else None)

    async def update(self, document_id: str, body: DocumentUpdate, author: str) -> DocumentRead:
        """Store a person's title or text.

        Raises:
            DocumentNotFound: There is none, or it was deleted.
            NothingToChange: The update is empty.
            DocumentChanged: It is not the revision any more that was edited.
        """
        if body.title is None and body.content is None:
            raise NothingToChange("Give a title or a content.")
        async with self._sessions.begin() as session:
            repository = DocumentRepository(session)
            document = _shown(await repository.find(document_id, for_update=True))
            if body.revision is not None and body.revision != document.revision:
                raise DocumentChanged(
                    "The page has changed since you opened it; compare with the newest revision and save again.",
                    revision=document.revision,
                )
            sections = decode_sections(document.sections)
            if body.content is not None:
                sections = apply_edit(sections, body.content)
            title = body.title or document.own_title or document.title
            await _change(repository, document, sections, title, origin="edited", author=author)
            return read_document(document)

    async def resolve(self, document_id: str, body: DocumentResolve, author: str) -> DocumentRead:
        """Settle a conflict: the person's text stays, or the generated one takes its place.

        Raises:
            DocumentNotFound: There is none, or it was deleted.
            SectionNotFound: It has no such section.
        """
        async with self._sessions.begin() as session:
            repository = DocumentRepository(session)
            document = _shown(await repository.find(document_id, for_update=True))
            before = decode_sections(document.sections)
            if all(section.key != body.section for section in before):
                raise SectionNotFound("The document has no such section.", section=body.section)
            sections = [
                section.resolved(keep_edit=body.keep == "edit") if section.key == body.section else section
                for section in before
            ]
            title = document.own_title or document.title
            await _change(repository, document, sections, title, origin="resolved", author=author)
            return read_document(document)

    async def delete(self, document_id: str) -> None:
        """Remove a document until its source changes.

        Raises:
            DocumentNotFound: There is none, or it was deleted.
        """
        async with self._sessions.begin() as session:
            document = _shown(await DocumentRepository(session).find(document_id, for_update=True))
            document.is_deleted, document.is_edited, document.is_conflicting = True, False, False
            document.sections, document.own_title = encode_sections([]), None

    async def history(self, document_id: str) -> DocumentHistory:
        """All states that are kept, the present one first.

        Raises:
            DocumentNotFound: There is none, or it was deleted.
        """
        async with self._sessions() as session:
            repository = DocumentRepository(session)
            document = _shown(await repository.find(document_id))
            former = await repository.history(document_id)
        return DocumentHistory(items=[read_revision(document), *(read_revision(one) for one in former)])

    async def get_revision(self, document_id: str, revision: int) -> RevisionRead:
        """One state.

        Raises:
            DocumentNotFound: There is no such document, or it was deleted.
            RevisionNotFound: The state is not kept.
        """
        async with self._sessions() as session:
            return read_full_revision(await _state(DocumentRepository(session), document_id, revision))

    async def diff(self, document_id: str, first: int, second: int) -> DocumentDiff:
        """What changed from one state to another.

        Raises:
            DocumentNotFound: There is no such document, or it was deleted.
            RevisionNotFound: One of the states is not kept.
        """
        async with self._sessions() as session:
            repository = DocumentRepository(session)
            old, new = await _state(repository, document_id, first), await _state(repository, document_id, second)
        lines = list(compare(content_of(old), content_of(new)))
        return DocumentDiff(from_revision=first, to_revision=second, lines=lines)

    async def restore(self, document_id: str, revision: int, author: str) -> DocumentRead:
        """Make a former state the newest again, as if a person had written it.

        Raises:
            DocumentNotFound: There is no such document, or it was deleted.
            RevisionNotFound: The state is not kept.
        """
        async with self._sessions.begin() as session:
            repository = DocumentRepository(session)
            document = _shown(await repository.find(document_id, for_update=True))
            state = await _state(repository, document_id, revision)
            sections = apply_edit(decode_sections(document.sections), content_of(state))
            await _change(repository, document, sections, state.title, origin="restored", author=author)
            return read_document(document)


async def _change(
    repository: DocumentRepository,
    document: Document,
    sections: list[Section],
    title: str,
    *,
    origin: Literal["edited", "resolved", "restored"],
    author: str,
) -> None:
    await repository.change(document, origin=origin, author=author)
    document.own_title = title if title != document.title else None
    document.sections = encode_sections(sections)
    document.is_edited = any(section.is_edited for section in sections)
    document.is_conflicting = any(section.is_conflicting for section in sections)


async def _state(repository: DocumentRepository, document_id: str, revision: int) -> Document | DocumentRevision:
    document = _shown(await repository.find(document_id))
    if revision == document.revision:
        return document
    found = await repository.find_revision(document_id, revision)
    if found is None:
        raise RevisionNotFound("This revision of the document is not kept.", revision=revision)
    return found


def _shown(document: Document | None) -> Document:
    if document is None or document.is_deleted:
        raise DocumentNotFound("There is no such document.")
    return document

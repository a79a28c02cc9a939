"""Rows of documents and of their former states."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import defer

from docgen_server.core.documents.sections import decode_sections, join_sections
from docgen_server.db.models import Document, DocumentRevision

_KEPT_GENERATED = 20
"""Former states of a page that the generator wrote; those that people wrote are kept for good."""


class DocumentRepository:
    """Reads and writes documents within one session."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def find(self, document_id: str, *, for_update: bool = False) -> Document | None:
        """A document, if there is one."""
        return await self._session.get(Document, document_id, with_for_update=for_update or None)

    async def list_documents(
        self, repository_id: str, query: str, locale: str, *, after: str, limit: int
    ) -> Sequence[Document]:
        """Documents in path order, after a path, without their texts: those of a language, and prose files."""
        statement = (
            select(Document)
            .options(defer(Document.sections))
            .where(Document.repository_id == repository_id, ~Document.is_deleted, Document.path > after)
            .where(Document.locale.in_((locale, "")))
            .order_by(Document.path)
            .limit(limit)
        )
        if query:
            title = func.coalesce(Document.own_title, Document.title)
            statement = statement.where(
                or_(title.icontains(query, autoescape=True), Document.path.icontains(query, autoescape=True))
            )
        return (await self._session.scalars(statement)).all()

    async def all_pages(self, repository_id: str, locale: str) -> Sequence[Document]:
        """Pages written from code in a language, with their texts, in path order."""
        query = select(Document).where(
            Document.repository_id == repository_id, Document.locale == locale, ~Document.is_deleted
        )
        return (await self._session.scalars(query.order_by(Document.path))).all()

    async def locales(self, repository_id: str) -> list[str]:
        """Languages that a repository has pages in."""
        query = select(Document.locale).where(Document.repository_id == repository_id, Document.locale != "").distinct()
        return sorted(await self._session.scalars(query))

    async def all_of(self, repository_id: str, locales: Sequence[str]) -> Mapping[tuple[str, str], Document]:
        """All documents of a repository by path and language, deleted ones too, without their texts."""
        query = (
            select(Document)
            .options(defer(Document.sections))
            .where(Document.repository_id == repository_id, Document.locale.in_(("", *locales)))
        )
        return {(document.path, document.locale): document for document in await self._session.scalars(query)}

    async def sections(self, document_ids: Sequence[str]) -> Mapping[str, bytes]:
        """Stored sections of documents."""
        query = select(Document.id, Document.sections).where(Document.id.in_(document_ids))
        return {row[0]: row[1] for row in await self._session.execute(query)}

    async def store(self, rows: Sequence[Mapping[str, Any]], replaced: Sequence[str]) -> None:
        """Write documents; the former states of those that are replaced become history."""
        for document_id in replaced:
            document = await self.find(document_id)
            if document is not None:
                self._remember(document)
        await self._session.flush()
        if not rows:
            return
        statement = insert(Document)
        names = [name for name in rows[0] if name not in {"id", "updated_at"}]
        changes: dict[str, Any] = {name: statement.excluded[name] for name in names}
        await self._session.execute(
            statement.on_conflict_do_update(index_elements=["id"], set_={**changes, "updated_at": func.now()}),
            list(rows),
        )

    async def refresh_inputs(self, documents: Mapping[str, tuple[str, str, bytes]]) -> None:
        """Note hash, commit and sections of documents whose text is still right."""
        for document_id, (digest, commit, sections) in documents.items():
            values = {"inputs_hash": digest, "commit": commit, "sections": sections}
            await self._session.execute(update(Document).where(Document.id == document_id).values(values))

    async def change(self, document: Document, *, origin: str, author: str) -> None:
        """Count a change that a person has made as a new revision; call it before making the change."""
        self._remember(document)
        document.revision += 1
        document.origin, document.author = origin, author
        document.updated_at = (await self._session.execute(select(func.clock_timestamp()))).scalar_one()

    async def remove(self, document_ids: Sequence[str]) -> None:
        """Delete documents whose sources are gone, with their history."""
        await self._session.execute(delete(Document).where(Document.id.in_(document_ids)))

    async def orphan(self, document_ids: Sequence[str]) -> None:
        """Note that the sources of edited documents are gone."""
        await self._session.execute(
            update(Document).where(Document.id.in_(document_ids)).values(is_conflicting=True, inputs_hash="")
        )

    async def history(self, document_id: str) -> Sequence[DocumentRevision]:
        """Former states without their texts, the newest first."""
        query = (
            select(DocumentRevision)
            .options(defer(DocumentRevision.content))
            .where(DocumentRevision.document_id == document_id)
            .order_by(DocumentRevision.revision.desc())
        )
        return (await self._session.scalars(query)).all()

    async def find_revision(self, document_id: str, revision: int) -> DocumentRevision | None:
        """A former state, if it is kept."""
        return await self._session.get(DocumentRevision, (document_id, revision))

    async def forget_generated(self, repository_id: str) -> None:
        """Drop old states that the generator wrote, beyond the number that is kept of each document."""
        rank = func.row_number().over(
            partition_by=DocumentRevision.document_id, order_by=DocumentRevision.revision.desc()
        )
        ranked = (
            select(DocumentRevision.document_id, DocumentRevision.revision, rank.label("rank"))
            .join(Document, Document.id == DocumentRevision.document_id)
            .where(Document.repository_id == repository_id, DocumentRevision.origin == "generated")
            .subquery()
        )
        old = select(ranked.c.document_id, ranked.c.revision).where(ranked.c.rank > _KEPT_GENERATED).subquery()
        await self._session.execute(
            delete(DocumentRevision).where(
                DocumentRevision.document_id == old.c.document_id, DocumentRevision.revision == old.c.revision
            )
        )

    def _remember(self, document: Document) -> None:
        self._session.add(
            DocumentRevision(
                document_id=document.id,
                revision=document.revision,
                title=document.own_title or document.title,
                content=join_sections(decode_sections(document.sections)),
                origin=document.origin,
                author=document.author,
                commit=document.commit,
                created_at=document.updated_at,
            )
        )

"""Rows of documents and of their former states."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Text, bindparam, delete, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import defer

from docgen_server.core.documents.sections import decode_sections, join_sections
from docgen_server.db.models import Document, DocumentRevision
from docgen_server.db.snapshots import any_array, plain_rows

_KEPT_GENERATED = 20
"""Former states of a page that the generator wrote; those that people wrote are kept for good."""


class KnownDocument(NamedTuple):
    """A document without its text."""

    id: str
    repository_id: str
    path: str
    locale: str
    title: str
    own_title: str | None
    commit: str
    inputs_hash: str
    asked_names: list[str]
    revision: int
    origin: str
    author: str
    template_error: str | None
    is_edited: bool
    is_conflicting: bool
    is_deleted: bool
    updated_at: datetime


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

    async def known(self, repository_id: str) -> Mapping[tuple[str, str], KnownDocument]:
        """All documents of a repository by path and language, deleted ones too, without their texts."""
        columns = [getattr(Document, name) for name in KnownDocument._fields]
        query: Any = select(*columns).where(Document.repository_id == repository_id)
        rows = [KnownDocument(*row) for row in await plain_rows(self._session, query)]
        return {(row.path, row.locale): row for row in rows}

    async def lock(self, document_ids: Sequence[str]) -> Mapping[str, int]:
        """Keep documents from being changed by others until the transaction ends; their revisions."""
        query = (
            select(Document.id, Document.revision)
            .where(Document.id == any_array(document_ids, Text))
            .order_by(Document.id)
            .with_for_update()
        )
        return {row[0]: row[1] for row in await self._session.execute(query)}

    async def sections(self, document_ids: Sequence[str]) -> Mapping[str, bytes]:
        """Stored sections of documents."""
        query = select(Document.id, Document.sections).where(Document.id == any_array(document_ids, Text))
        return {row[0]: row[1] for row in await self._session.execute(query)}

    async def remember(self, former: Sequence[tuple[KnownDocument, str]]) -> None:
        """Make the present states of documents, with their texts, history."""
        rows = [_revision(document, content) for document, content in former]
        if rows:
            await self._session.execute(insert(DocumentRevision), rows)

    async def store(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Write documents, but not over those that have changed more often than the writer knew."""
        if not rows:
            return
        statement = insert(Document.__table__)  # type: ignore[arg-type]
        names = [name for name in rows[0] if name not in {"id", "updated_at"}]
        changes: dict[str, Any] = {name: statement.excluded[name] for name in names}
        update_all = statement.on_conflict_do_update(
            index_elements=["id"],
            set_={**changes, "updated_at": func.now()},
            where=Document.revision <= statement.excluded.revision,
        )
        await (await self._session.connection()).execute(update_all, list(rows))

    async def refresh_inputs(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Note what documents whose text is still right rest on now."""
        if not rows:
            return
        table = Document.__table__
        names = ("inputs_hash", "asked_names", "commit", "sections")
        changes: Any = {table.c[name]: bindparam(f"new_{name}") for name in names}
        statement = update(table).where(table.c.id == bindparam("document_id")).values(changes)  # type: ignore[arg-type]
        values = [{"document_id": row["id"], **{f"new_{name}": row[name] for name in names}} for row in rows]
        await (await self._session.connection()).execute(statement, values)

    async def change(self, document: Document, *, origin: str, author: str) -> None:
        """Count a change that a person has made as a new revision; call it before making the change."""
        self._remember(document)
        document.revision += 1
        document.origin, document.author = origin, author
        document.updated_at = (await self._session.execute(select(func.clock_timestamp()))).scalar_one()

    async def remove(self, document_ids: Sequence[str]) -> int:
        """Delete documents whose sources are gone, with their history, but those that people have changed.

        Returns:
            How many are deleted.
        """
        if not document_ids:
            return 0
        untouched = Document.id.in_(document_ids) & ~Document.is_edited & Document.own_title.is_(None)
        return len((await self._session.scalars(delete(Document).where(untouched).returning(Document.id))).all())

    async def orphan(self, document_ids: Sequence[str]) -> None:
        """Note that the sources of documents are gone."""
        if not document_ids:
            return
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

    async def forget_generated(self, document_ids: Sequence[str]) -> None:
        """Drop old states of documents that the generator wrote, beyond the number that is kept of each."""
        rank = func.row_number().over(
            partition_by=DocumentRevision.document_id, order_by=DocumentRevision.revision.desc()
        )
        ranked = (
            select(DocumentRevision.document_id, DocumentRevision.revision, rank.label("rank"))
            .where(
                DocumentRevision.document_id == any_array(document_ids, Text), DocumentRevision.origin == "generated"
            )
            .subquery()
        )
        old = select(ranked.c.document_id, ranked.c.revision).where(ranked.c.rank > _KEPT_GENERATED).subquery()
        await self._session.execute(
            delete(DocumentRevision).where(
                DocumentRevision.document_id == old.c.document_id, DocumentRevision.revision == old.c.revision
            )
        )

    def _remember(self, document: Document) -> None:
        self._session.add(DocumentRevision(**_revision(document, join_sections(decode_sections(document.sections)))))


def _revision(document: Document | KnownDocument, content: str) -> dict[str, Any]:
    return {
        "document_id": document.id,
        "revision": document.revision,
        "title": document.own_title or document.title,
        "content": content,
        "origin": document.origin,
        "author": document.author,
        "commit": document.commit,
        "created_at": document.updated_at,
    }

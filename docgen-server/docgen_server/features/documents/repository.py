"""Rows of documents, and the facts that they are rendered from."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import defer

from docgen_server.core.documents.pages import SymbolEntry
from docgen_server.db.models import Document, Problem, SnapshotFile, Symbol

_RENDERED = ("title", "content", "commit", "inputs_hash", "is_edited", "is_deleted", "is_stale", "kind", "language")


class DocumentRepository:
    """Reads and writes documents within one session."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def find(self, document_id: str) -> Document | None:
        """A document, if there is one."""
        return await self._session.get(Document, document_id)

    async def list_documents(self, repository_id: str, query: str, after: str, limit: int) -> Sequence[Document]:
        """Documents in path order, after a path, without their texts."""
        statement = (
            select(Document)
            .options(defer(Document.content))
            .where(Document.repository_id == repository_id, ~Document.is_deleted, Document.path > after)
            .order_by(Document.path)
            .limit(limit)
        )
        if query:
            statement = statement.where(
                or_(Document.title.icontains(query, autoescape=True), Document.path.icontains(query, autoescape=True))
            )
        return (await self._session.scalars(statement)).all()

    async def all_of(self, repository_id: str) -> Mapping[str, Document]:
        """All documents of a repository by path, deleted ones too, without their texts."""
        statement = select(Document).options(defer(Document.content)).where(Document.repository_id == repository_id)
        return {document.path: document for document in await self._session.scalars(statement)}

    async def touch(self, document: Document) -> None:
        """Note that a document was changed now."""
        await self._session.flush()
        now = update(Document).where(Document.id == document.id).values(updated_at=func.now())
        await self._session.execute(now)
        await self._session.refresh(document)

    async def store(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Write rendered documents."""
        if not rows:
            return
        statement = insert(Document)
        changes: dict[str, Any] = {name: statement.excluded[name] for name in _RENDERED}
        statement = statement.on_conflict_do_update(index_elements=["id"], set_={**changes, "updated_at": func.now()})
        await self._session.execute(statement, list(rows))

    async def mark_stale(self, changed: Mapping[str, str], gone: Sequence[str]) -> None:
        """Note that the sources of edited documents changed (id and new hash) or vanished (ids)."""
        for document_id, digest in changed.items():
            values = {"is_stale": True, "inputs_hash": digest}
            await self._session.execute(update(Document).where(Document.id == document_id).values(values))
        await self._session.execute(update(Document).where(Document.id.in_(gone)).values(is_stale=True))

    async def remove(self, document_ids: Sequence[str]) -> None:
        """Delete documents whose sources are gone."""
        await self._session.execute(delete(Document).where(Document.id.in_(document_ids)))

    async def symbols(self, identifiers: Sequence[UUID]) -> Mapping[UUID, list[SymbolEntry]]:
        """Definitions of files in source order."""
        query = select(Symbol).where(Symbol.facts_id.in_(identifiers)).order_by(Symbol.facts_id, Symbol.ordinal)
        found: dict[UUID, list[SymbolEntry]] = {}
        for symbol in await self._session.scalars(query):
            found.setdefault(symbol.facts_id, []).append(
                SymbolEntry(
                    name=symbol.name,
                    qualified_name=symbol.qualified_name,
                    kind=symbol.kind,
                    signature=symbol.signature,
                    doc=symbol.doc,
                    visibility=symbol.visibility,
                    start_line=symbol.start_line,
                    end_line=symbol.end_line,
                    depth=symbol.depth,
                )
            )
        return found

    async def blobs(self, snapshot_id: str, paths: Sequence[str]) -> Mapping[str, tuple[str, int]]:
        """Blob and size of files by path."""
        query = select(SnapshotFile.path, SnapshotFile.blob, SnapshotFile.size).where(
            SnapshotFile.snapshot_id == snapshot_id, SnapshotFile.path.in_(paths)
        )
        return {path: (blob, size) for path, blob, size in await self._session.execute(query)}

    async def problem_counts(self, snapshot_id: str) -> Mapping[str, int]:
        """Findings per rule."""
        query: Any = (
            select(Problem.rule, func.count())
            .join(SnapshotFile, SnapshotFile.facts_id == Problem.facts_id)
            .where(SnapshotFile.snapshot_id == snapshot_id)
            .group_by(Problem.rule)
        )
        return {row[0]: row[1] for row in await self._session.execute(query)}

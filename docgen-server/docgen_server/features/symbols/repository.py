"""Rows of symbols and names."""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import ColumnElement, Text, bindparam, case, cast, func, or_, select
from sqlalchemy.dialects.postgresql import ARRAY, array
from sqlalchemy.ext.asyncio import AsyncSession

from docgen_server.db.models import FileFacts, SnapshotFile, Symbol


class FoundSymbol(NamedTuple):
    """A definition and the file it stands in."""

    symbol: Symbol
    path: str
    language: str


class SymbolRepository:
    """Reads symbols within one session."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def search(
        self, snapshot_id: str, query: str, *, path: str | None, kind: str | None, offset: int, limit: int
    ) -> Sequence[FoundSymbol]:
        """Definitions that match, best first; with no query all of them in path and line order."""
        rank, matches = _ranking(query)
        statement = (
            select(Symbol, SnapshotFile.path, SnapshotFile.language)
            .join(SnapshotFile, SnapshotFile.facts_id == Symbol.facts_id)
            .where(SnapshotFile.snapshot_id == snapshot_id, *matches)
            .order_by(*rank, SnapshotFile.path, Symbol.ordinal)
            .offset(offset)
            .limit(limit)
        )
        if path is not None:
            statement = statement.where(
                or_(SnapshotFile.path == path, SnapshotFile.path.startswith(path.rstrip("/") + "/", autoescape=True))
            )
        if kind is not None:
            statement = statement.where(Symbol.kind == kind)
        return [FoundSymbol(row[0], row[1], row[2] or "") for row in await self._session.execute(statement)]

    async def known_names(self, snapshot_id: str, names: Sequence[str]) -> set[str]:
        """Those names that occur in the files of a snapshot."""
        if not names:
            return set()
        name = func.unnest(cast(bindparam("names", list(names)), ARRAY(Text))).column_valued("name")
        occurs = (
            select(FileFacts.id)
            .join(SnapshotFile, SnapshotFile.facts_id == FileFacts.id)
            .where(SnapshotFile.snapshot_id == snapshot_id, FileFacts.names.contains(array([name])))
            .exists()
        )
        statement = select(name).where(occurs)
        return set(await self._session.scalars(statement))


def _ranking(query: str) -> tuple[list[ColumnElement[int]], list[ColumnElement[bool]]]:
    if not query:
        return [], []
    column = Symbol.qualified_name if "." in query else Symbol.name
    exact = column == query
    same = func.lower(column) == query.lower()
    begins = column.istartswith(query, autoescape=True)
    by_initials = Symbol.initials.startswith(query.lower(), autoescape=True)
    contains = column.icontains(query, autoescape=True)
    # Initials mean something from two letters on; a single one would match half of all names.
    alternatives = [contains, by_initials] if len(query) > 1 else [contains]
    rank = case((exact, 0), (same, 1), (begins, 2), (by_initials, 3), else_=4)
    is_local = case((Symbol.visibility == "local", 1), else_=0)
    return [rank, is_local, func.length(column)], [or_(*alternatives)]

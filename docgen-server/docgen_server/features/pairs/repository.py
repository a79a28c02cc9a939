"""Rows that pairs are made from."""

from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from docgen_server.db.models import SnapshotFile, Symbol

MOST_SYMBOLS = 100_000


class SymbolPlace(NamedTuple):
    """A definition, what is said of it, and where it stands."""

    name: str
    qualified_name: str
    visibility: str
    doc: str
    path: str
    blob: str
    size: int
    start_line: int
    end_line: int


async def list_symbols(session: AsyncSession, snapshot_id: str, *, documented: bool = False) -> list[SymbolPlace]:
    """Definitions of a snapshot in path and line order."""
    query = (
        select(
            Symbol.name,
            Symbol.qualified_name,
            Symbol.visibility,
            Symbol.doc,
            SnapshotFile.path,
            SnapshotFile.blob,
            SnapshotFile.size,
            Symbol.start_line,
            Symbol.end_line,
        )
        .join(SnapshotFile, SnapshotFile.facts_id == Symbol.facts_id)
        .where(SnapshotFile.snapshot_id == snapshot_id)
        .order_by(SnapshotFile.path, Symbol.ordinal)
        .limit(MOST_SYMBOLS)
    )
    if documented:
        query = query.where(Symbol.doc != "")
    return [SymbolPlace(*row) for row in await session.execute(query)]

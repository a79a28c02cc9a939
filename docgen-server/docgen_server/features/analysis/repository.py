"""Rows of facts."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Uuid, bindparam, func, select
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.ext.asyncio import AsyncSession

from docgen_server.db.models import Base, FileFacts, Problem, Symbol
from docgen_server.db.snapshots import any_array
from docgen_server.features.analysis.rows import FactsRows, Outcome


class FactsRepository:
    """Reads and writes facts within one session."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def outcomes(self, identifiers: Sequence[UUID]) -> Mapping[UUID, Outcome]:
        """Outcomes of those contents that are known."""
        query = select(
            FileFacts.id,
            FileFacts.reason,
            FileFacts.message,
            FileFacts.line_count,
            FileFacts.symbol_count,
            FileFacts.chunk_count,
            FileFacts.warnings,
        ).where(FileFacts.id == any_array(identifiers, Uuid))
        return {row[0]: Outcome(*row) for row in await self._session.execute(query)}

    async def chunk_spans(self, identifiers: Sequence[UUID]) -> Mapping[UUID, bytes]:
        """Chunk spans, as stored, of those contents that were analysed."""
        query = select(FileFacts.id, FileFacts.chunks).where(
            FileFacts.id == any_array(identifiers, Uuid), FileFacts.reason.is_(None)
        )
        return {row[0]: row[1] for row in await self._session.execute(query)}

    async def add(self, rows: FactsRows) -> None:
        """Write new facts; those that another request has written meanwhile are left as they are."""
        # One order for all writers, so that two of them never wait for each other.
        facts = sorted(rows.facts, key=lambda row: row["id"].int)
        await self._session.execute(insert(FileFacts).on_conflict_do_nothing(), facts)
        await self._add_all(Symbol, sorted(rows.symbols, key=lambda row: (row["facts_id"].int, row["ordinal"])))
        await self._add_all(Problem, sorted(rows.problems, key=lambda row: (row["facts_id"].int, row["ordinal"])))

    async def _add_all(self, table: type[Base], rows: Sequence[Mapping[str, Any]]) -> None:
        """One statement with an array per column: several times as fast as a statement per row."""
        if not rows:
            return
        columns = table.__table__.columns
        arrays = [bindparam(item.name, [row[item.name] for row in rows], ARRAY(item.type)) for item in columns]
        values = func.unnest(*arrays).table_valued(*(item.name for item in columns)).render_derived()
        statement = insert(table).from_select([item.name for item in columns], select(values))
        await self._session.execute(statement.on_conflict_do_nothing())

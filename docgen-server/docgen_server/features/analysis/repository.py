"""Rows of facts."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from docgen_server.db.models import FileFacts, Problem, Symbol
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
        ).where(FileFacts.id.in_(identifiers))
        return {row[0]: Outcome(*row) for row in await self._session.execute(query)}

    async def chunk_spans(self, identifiers: Sequence[UUID]) -> Mapping[UUID, bytes]:
        """Chunk spans, as stored, of those contents that were analysed."""
        query = select(FileFacts.id, FileFacts.chunks).where(FileFacts.id.in_(identifiers), FileFacts.reason.is_(None))
        return {row[0]: row[1] for row in await self._session.execute(query)}

    async def add(self, rows: FactsRows) -> None:
        """Write new facts; those that another request has written meanwhile are left as they are."""
        for table, values in ((FileFacts, rows.facts), (Symbol, rows.symbols), (Problem, rows.problems)):
            if values:
                ordered = sorted(values, key=lambda row: (row.get("facts_id") or row["id"]).int)
                await self._session.execute(insert(table).on_conflict_do_nothing(), ordered)

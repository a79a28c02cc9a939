"""Rows of facts."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Text, and_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from codemuse.database import insert_rows
from docgen_server.core.errors import PathNotFound, SnapshotNotFound
from docgen_server.db.models import Base, FileFacts, Problem, Snapshot, SnapshotFile, Symbol
from docgen_server.db.snapshots import any_array, plain_rows
from docgen_server.features.analysis.rows import FactsRows, Outcome

_OUTCOME = (
    FileFacts.id, FileFacts.reason, FileFacts.message, FileFacts.line_count, FileFacts.symbol_count,
    FileFacts.chunk_count, FileFacts.warnings,
)  # fmt: skip


class AskedFile(NamedTuple):
    """A file of a snapshot."""

    path: str
    blob: str
    size: int
    language: str | None
    skip_reason: str | None
    facts_id: UUID | None


class AskedFiles(NamedTuple):
    """Files of a snapshot by path, and what is known of their contents by the id of their facts."""

    repository_id: str
    files: Mapping[str, AskedFile]
    outcomes: Mapping[UUID, Outcome]
    spans: Mapping[UUID, bytes]
    """Chunks as stored, where they were asked for, of contents that were analysed."""


class FactsRepository:
    """Reads and writes facts within one session."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def read(self, snapshot_id: str, paths: Sequence[str], *, with_chunks: bool = False) -> AskedFiles:
        """Some files, in one statement: it is asked for every few files of every commit.

        Raises:
            SnapshotNotFound: There is no such snapshot.
            PathNotFound: It has no such file.
        """
        chunks = [FileFacts.chunks] if with_chunks else []
        wanted = SnapshotFile.path == any_array(list(set(paths)), Text)
        query: Any = (
            select(Snapshot.repository_id, *(getattr(SnapshotFile, name) for name in AskedFile._fields), *_OUTCOME)
            .add_columns(*chunks)
            .select_from(Snapshot)
            .outerjoin(SnapshotFile, and_(SnapshotFile.snapshot_id == Snapshot.id, wanted))
            .outerjoin(FileFacts, FileFacts.id == SnapshotFile.facts_id)
            .where(Snapshot.id == snapshot_id)
        )
        rows = await plain_rows(self._session, query)
        if not rows:
            raise SnapshotNotFound("There is no such snapshot.")
        width, end = 1 + len(AskedFile._fields), 1 + len(AskedFile._fields) + len(_OUTCOME)
        files = {row.path: AskedFile(*row[1:width]) for row in rows}
        missing = next((path for path in paths if path not in files), None)
        if missing is not None:
            raise PathNotFound("The snapshot has no such file.", path=missing[:500])
        known = [row for row in rows if row[width] is not None]
        spans = {row[width]: row[end] for row in known if with_chunks and row.reason is None}
        return AskedFiles(rows[0][0], files, {row[width]: Outcome(*row[width:end]) for row in known}, spans)

    async def add(self, rows: FactsRows) -> None:
        """Write new facts; those that another request has written meanwhile are left as they are."""
        # One order for all writers, so that two of them never wait for each other.
        facts = sorted(rows.facts, key=lambda row: row["id"].int)
        await self._session.execute(insert(FileFacts).on_conflict_do_nothing(), facts)
        await self._add_all(Symbol, sorted(rows.symbols, key=lambda row: (row["facts_id"].int, row["ordinal"])))
        await self._add_all(Problem, sorted(rows.problems, key=lambda row: (row["facts_id"].int, row["ordinal"])))

    async def _add_all(self, table: type[Base], rows: Sequence[Mapping[str, Any]]) -> None:
        if rows:
            await self._session.execute(insert_rows(table, rows).on_conflict_do_nothing())

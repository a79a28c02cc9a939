"""The ledger of an index run: one row a file, written before and after each piece of work."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import and_, case, delete, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from codemuse.contracts.docgen import FileOutcome, FileStatus
from codemuse.contracts.runs import FileState, ProgressRead
from codemuse.database import insert_rows, rows_as_table
from orchestrator.db.models import Repository, RepositoryFile, RunFile

MAXIMUM_ATTEMPTS = 3
"""A file that took its parser down this often is quarantined."""


class PublishedFile(NamedTuple):
    """A file as the published generation has it."""

    path: str
    blob: str
    language: str | None
    state: str
    reason: str | None
    chunk_count: int


class Ledger:
    """Files of one run, within one transaction."""

    def __init__(self, session: AsyncSession, run_id: str) -> None:
        self._session = session
        self._run_id = run_id

    async def open(self, rows: Sequence[dict[str, Any]]) -> None:
        """Begin with these files; what an earlier attempt began with is forgotten."""
        await self._session.execute(delete(RunFile).where(RunFile.run_id == self._run_id))
        if rows:
            await self._session.execute(insert_rows(RunFile, [{"run_id": self._run_id, **row} for row in rows]))

    async def claim_pending(self, limit: int) -> list[str]:
        """Paths to analyse next, their attempt counted before it begins.

        A file that was tried before is handed out alone, so that it cannot take others down with it; one that was
        tried too often is quarantined instead.
        """
        await self._session.execute(
            update(RunFile)
            .where(self._mine(FileState.PENDING), RunFile.attempts >= MAXIMUM_ATTEMPTS)
            .values(
                state=FileState.QUARANTINED,
                reason="analysis_crashed",
                message=f"The analysis broke off {MAXIMUM_ATTEMPTS} times at this file.",
            )
        )
        query = select(RunFile.path, RunFile.attempts).where(self._mine(FileState.PENDING))
        rows = (await self._session.execute(query.order_by(RunFile.attempts, RunFile.path).limit(limit))).all()
        if not rows:
            return []
        paths = [row.path for row in rows if row.attempts == 0] or [rows[0].path]
        await self._session.execute(
            update(RunFile)
            .where(RunFile.run_id == self._run_id, RunFile.path.in_(paths))
            .values(attempts=RunFile.attempts + 1)
        )
        return paths

    async def unclaim(self, paths: Sequence[str]) -> None:
        """Take an attempt back that never reached the analyser."""
        await self._session.execute(
            update(RunFile)
            .where(RunFile.run_id == self._run_id, RunFile.path.in_(paths))
            .values(attempts=func.greatest(RunFile.attempts - 1, 0))
        )

    async def note_outcomes(self, outcomes: Sequence[FileOutcome]) -> None:
        """Write down how the analysis of some files ended."""
        if not outcomes:
            return
        columns = RunFile.__table__.columns
        changed = ("state", "language", "reason", "message", "chunk_count")
        given = rows_as_table([columns[name] for name in ("path", *changed)], [_row_of(one) for one in outcomes])
        await self._session.execute(
            update(RunFile)
            .where(RunFile.run_id == self._run_id, RunFile.path == given.c.path)
            .values({name: given.c[name] for name in changed})
            .execution_options(synchronize_session=False)
        )

    async def list_unwritten(self, limit: int) -> Sequence[RunFile]:
        """Files whose new state rag-server does not know yet, in path order."""
        gone = RunFile.state.in_([FileState.REMOVED, FileState.SKIPPED, FileState.QUARANTINED])
        query = select(RunFile).where(
            RunFile.run_id == self._run_id,
            ~RunFile.written,
            or_(RunFile.state == FileState.ANALYSED, and_(gone, RunFile.indexed_before)),
        )
        return (await self._session.scalars(query.order_by(RunFile.path).limit(limit))).all()

    async def note_written(self, paths: Sequence[str]) -> None:
        """Rag-server knows these files now."""
        await self._session.execute(
            update(RunFile)
            .where(RunFile.run_id == self._run_id, RunFile.path.in_(paths))
            .values(
                written=True,
                state=case((RunFile.state == FileState.ANALYSED, FileState.INDEXED.value), else_=RunFile.state),
            )
        )

    async def progress(self) -> ProgressRead:
        """Files that are through, all files, and the ones that were set aside."""
        query = select(RunFile.state, func.count()).where(RunFile.run_id == self._run_id).group_by(RunFile.state)
        counts = {row[0]: int(row[1]) for row in await self._session.execute(query)}
        counts.pop(FileState.REMOVED, None)
        total = sum(counts.values())
        analysed = total - counts.get(FileState.PENDING, 0)
        done = analysed - counts.get(FileState.ANALYSED, 0)
        return ProgressRead(analysed=analysed, done=done, total=total, failed=counts.get(FileState.QUARANTINED, 0))

    async def count(self, *states: FileState) -> int:
        """How many files are in one of these states."""
        query = select(func.count()).where(RunFile.run_id == self._run_id, RunFile.state.in_(states))
        return await self._session.scalar(query) or 0

    async def list_published(self, repository_id: str) -> list[PublishedFile]:
        """Files of the generation that readers see now."""
        columns = [getattr(RepositoryFile, name) for name in PublishedFile._fields]
        query: Any = select(*columns).where(RepositoryFile.repository_id == repository_id)
        return [PublishedFile(*row) for row in await self._session.execute(query)]

    async def publish(self, repository: Repository) -> None:
        """Make the ledger's files the published ones."""
        columns = ["path", "blob", "language", "state", "reason", "message", "chunk_count"]
        await self._session.execute(delete(RepositoryFile).where(RepositoryFile.repository_id == repository.id))
        source = select(
            select(Repository.id).where(Repository.id == repository.id).scalar_subquery(),
            RunFile.path,
            RunFile.blob,
            RunFile.language,
            case((RunFile.state == FileState.UNCHANGED, FileState.INDEXED.value), else_=RunFile.state),
            RunFile.reason,
            RunFile.message,
            RunFile.chunk_count,
        ).where(RunFile.run_id == self._run_id, RunFile.state != FileState.REMOVED)
        await self._session.execute(insert(RepositoryFile).from_select(["repository_id", *columns], source))

    async def totals(self) -> tuple[int, int]:
        """Indexed files and their chunks."""
        query = select(func.count(), func.coalesce(func.sum(RunFile.chunk_count), 0)).where(
            RunFile.run_id == self._run_id, RunFile.state.in_([FileState.INDEXED, FileState.UNCHANGED])
        )
        files, chunks = (await self._session.execute(query)).one()
        return int(files), int(chunks)

    def _mine(self, state: FileState) -> Any:
        return and_(RunFile.run_id == self._run_id, RunFile.state == state)


def _row_of(outcome: FileOutcome) -> dict[str, Any]:
    analysed = outcome.status is FileStatus.ANALYSED
    return {
        "path": outcome.path,
        "state": FileState.ANALYSED.value if analysed else FileState.QUARANTINED.value,
        "language": outcome.language,
        "reason": outcome.reason or (outcome.warnings[0] if outcome.warnings else None),
        "message": outcome.message,
        "chunk_count": outcome.chunk_count,
    }

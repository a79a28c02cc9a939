"""Rows of snapshots and their files."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from codemuse.contracts.common import Language
from codemuse.contracts.docgen import ManifestFile
from codemuse.database import insert_rows
from docgen_server.core.analysis import ANALYSER_VERSION
from docgen_server.db.models import Document, FileFacts, Snapshot, SnapshotFile
from docgen_server.db.snapshots import plain_rows

Verdicts = Mapping[tuple[str, str], tuple[Language | None, str | None]]
"""Language and skip reason by path and blob."""


class LanguageCount(NamedTuple):
    """How much there is of one language."""

    language: str
    file_count: int
    line_count: int
    symbol_count: int
    problem_count: int


class SnapshotRepository:
    """Reads and writes snapshots within one session."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def find(self, snapshot_id: str) -> Snapshot | None:
        """A snapshot, if there is one."""
        return await self._session.get(Snapshot, snapshot_id)

    async def find_commit(self, repository_id: str, commit: str) -> Snapshot | None:
        """The newest snapshot of a commit, or of one that begins like this."""
        query = (
            select(Snapshot)
            .where(Snapshot.repository_id == repository_id, Snapshot.commit.startswith(commit, autoescape=True))
            .order_by(Snapshot.created_at.desc())
            .limit(1)
        )
        return (await self._session.scalars(query)).first()

    async def latest_verdicts(self, repository_id: str) -> Verdicts:
        """How the files of the newest snapshot were classified, so that equal content is not read again."""
        latest = (
            select(Snapshot.id)
            .where(Snapshot.repository_id == repository_id, Snapshot.analyser_version == ANALYSER_VERSION)
            .order_by(Snapshot.created_at.desc())
            .limit(1)
            .scalar_subquery()
        )
        query = select(SnapshotFile.path, SnapshotFile.blob, SnapshotFile.language, SnapshotFile.skip_reason).where(
            SnapshotFile.snapshot_id == latest
        )
        rows = await self._session.execute(query)
        return {
            (path, blob): (Language(language) if language else None, reason) for path, blob, language, reason in rows
        }

    async def replace(self, snapshot: Snapshot, files: Sequence[Mapping[str, object]]) -> Snapshot:
        """Store a snapshot with its files; whoever makes the same one at the same time waits and changes nothing."""
        columns = {
            column.name: getattr(snapshot, column.name)
            for column in Snapshot.__table__.columns
            if column.name != "created_at"
        }
        await self._session.execute(
            upsert(Snapshot)
            .values(columns)
            .on_conflict_do_update(index_elements=["id"], set_={"analyser_version": snapshot.analyser_version})
        )
        await self._session.execute(delete(SnapshotFile).where(SnapshotFile.snapshot_id == snapshot.id))
        await self._session.execute(insert_rows(SnapshotFile, files))
        return (await self._session.scalars(select(Snapshot).where(Snapshot.id == snapshot.id))).one()

    async def list_files(self, snapshot_id: str, after: str, limit: int) -> list[ManifestFile]:
        """Files in path order, after a path, and whether their facts are known."""
        names = ("path", "blob", "size", "language", "skip_reason")
        query: Any = (
            select(*(getattr(SnapshotFile, name) for name in names), FileFacts.id.is_not(None))
            .outerjoin(FileFacts, FileFacts.id == SnapshotFile.facts_id)
            .where(SnapshotFile.snapshot_id == snapshot_id, SnapshotFile.path > after)
            .order_by(SnapshotFile.path)
            .limit(limit)
        )
        rows = await plain_rows(self._session, query)
        return [ManifestFile(**dict(zip((*names, "is_analysed"), row, strict=True))) for row in rows]

    async def count_languages(self, snapshot_id: str) -> list[LanguageCount]:
        """Figures of the analysed files by language, largest first."""
        lines = func.sum(FileFacts.line_count)
        query = (
            select(
                FileFacts.language,
                func.count(),
                lines,
                func.sum(FileFacts.symbol_count),
                func.sum(FileFacts.problem_count),
            )
            .join(SnapshotFile, SnapshotFile.facts_id == FileFacts.id)
            .where(SnapshotFile.snapshot_id == snapshot_id)
            .group_by(FileFacts.language)
            .order_by(lines.desc(), FileFacts.language)
        )
        return [LanguageCount(*row) for row in await self._session.execute(query)]

    async def count_documents(self, repository_id: str) -> int:
        """Documents of a repository that are shown."""
        query = select(func.count()).where(Document.repository_id == repository_id, ~Document.is_deleted)
        return (await self._session.scalars(query)).one()

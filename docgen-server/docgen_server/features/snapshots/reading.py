"""Reads snapshots: their files, their lines, their figures."""

from codemuse.contracts.docgen import (
    LanguageShare,
    ManifestPage,
    SnapshotRead,
    SnapshotStats,
    SourceRead,
)
from codemuse.database import Sessions
from docgen_server.core.analysis.text import Undecodable, decode, split_lines
from docgen_server.core.errors import LinesOutOfRange, NotText, SnapshotNotFound
from docgen_server.core.git.mirror import MirrorStore
from docgen_server.core.manifest.classify import UNREADABLE_REASONS
from docgen_server.core.secrets.scan import mask_lines
from docgen_server.db.pages import decode_cursor, encode_cursor
from docgen_server.db.snapshots import get_files, get_snapshot
from docgen_server.features.snapshots.repository import SnapshotRepository


class SnapshotReader:
    """Answers questions about snapshots that exist."""

    def __init__(self, sessions: Sessions, mirrors: MirrorStore) -> None:
        self._sessions = sessions
        self._mirrors = mirrors

    async def get(self, snapshot_id: str) -> SnapshotRead:
        """A snapshot."""
        async with self._sessions() as session:
            return SnapshotRead.model_validate(await get_snapshot(session, snapshot_id), from_attributes=True)

    async def find(self, repository_id: str, commit: str) -> SnapshotRead:
        """The newest snapshot of a commit.

        Raises:
            SnapshotNotFound: None was made, or it was made of another repository.
        """
        async with self._sessions() as session:
            found = await SnapshotRepository(session).find_commit(repository_id, commit)
        if found is None:
            raise SnapshotNotFound("There is no snapshot of this commit.", commit=commit)
        return SnapshotRead.model_validate(found, from_attributes=True)

    async def manifest(self, snapshot_id: str, cursor: str | None, limit: int) -> ManifestPage:
        """A page of files in path order."""
        after = decode_cursor(cursor)
        async with self._sessions() as session:
            await get_snapshot(session, snapshot_id)
            files = await SnapshotRepository(session).list_files(snapshot_id, after, limit + 1)
        page = files[:limit]
        return ManifestPage(items=page, next_cursor=encode_cursor(page[-1].path) if len(files) > limit else None)

    async def source(self, snapshot_id: str, path: str, start: int | None, end: int | None) -> SourceRead:
        """Lines of a file, secrets masked.

        Raises:
            PathNotFound: The snapshot has no such file.
            NotText: It has no lines.
            LinesOutOfRange: It has fewer lines, or the end lies before the start.
        """
        async with self._sessions() as session:
            snapshot = await get_snapshot(session, snapshot_id)
            file = (await get_files(session, snapshot_id, [path]))[path]
        if file.skip_reason in UNREADABLE_REASONS:
            raise NotText("The file cannot be shown as text.", path=path, reason=file.skip_reason)
        try:
            data = await self._mirrors.get(snapshot.repository_id).read_blob(file.blob)
            lines = mask_lines(split_lines(decode(data)))
        except Undecodable as error:
            raise NotText(str(error), path=path, reason="undecodable") from None
        first, last = start or 1, min(end or len(lines), len(lines))
        if end is not None and end < first:
            raise LinesOutOfRange(f"The end, line {end}, lies before the start, line {first}.", start=first, end=end)
        if first > max(len(lines), 1):
            raise LinesOutOfRange(f"The file has {len(lines)} lines.", line_count=len(lines))
        return SourceRead(
            path=path,
            commit=snapshot.commit,
            language=file.language,
            start_line=first,
            end_line=last,
            line_count=len(lines),
            text="\n".join(lines[first - 1 : last]),
        )

    async def stats(self, snapshot_id: str) -> SnapshotStats:
        """Sizes and languages."""
        async with self._sessions() as session:
            snapshot = await get_snapshot(session, snapshot_id)
            rows = await SnapshotRepository(session).count_languages(snapshot_id)
            document_count = await SnapshotRepository(session).count_documents(snapshot.repository_id)
        return SnapshotStats(
            file_count=snapshot.file_count,
            line_count=sum(row.line_count for row in rows),
            symbol_count=sum(row.symbol_count for row in rows),
            document_count=document_count,
            problem_count=sum(row.problem_count for row in rows),
            languages=[LanguageShare.model_validate(row, from_attributes=True) for row in rows],
        )

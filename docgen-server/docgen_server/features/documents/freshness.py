"""Compares a document with a commit: does each section still rest on lines that read the same, at the same place?"""

from collections.abc import Iterator, Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from codemuse.contracts.documents import Freshness, StaleReason, StaleSection
from docgen_server.core.analysis.text import Undecodable, decode, split_lines
from docgen_server.core.documents.sections import Section, Source, decode_sections
from docgen_server.core.git.mirror import MirrorStore
from docgen_server.db.models import Document, Snapshot, SnapshotFile
from docgen_server.db.snapshots import get_snapshot

_MOST_REASONS = 50
_LARGEST_FILE_BYTES = 2_000_000


class FreshnessCheck:
    """Answers for one document at a time, within one session."""

    def __init__(self, session: AsyncSession, mirrors: MirrorStore) -> None:
        self._session = session
        self._mirrors = mirrors

    async def check(self, document: Document, snapshot_id: str) -> Freshness:
        """Whether a document says what a snapshot says, and which sections do not.

        Raises:
            SnapshotNotFound: There is no such snapshot.
        """
        snapshot = await get_snapshot(self._session, snapshot_id)
        sections = decode_sections(document.sections)
        reasons = list(_conflicts(document, sections))
        if document.commit != snapshot.commit:
            reasons += await self._compare(snapshot, sections)
        return Freshness(state="stale" if reasons else "fresh", commit=snapshot.commit, reasons=reasons[:_MOST_REASONS])

    async def _compare(self, snapshot: Snapshot, sections: Sequence[Section]) -> list[StaleSection]:
        sources = [(section.key, source) for section in sections for source in section.sources]
        query = select(SnapshotFile.path, SnapshotFile.blob, SnapshotFile.size).where(
            SnapshotFile.snapshot_id == snapshot.id, SnapshotFile.path.in_({source.path for _, source in sources})
        )
        now = {path: (blob, size) for path, blob, size in await self._session.execute(query)}
        moved = [one for one in sources if one[1].path in now and now[one[1].path][0] != one[1].blob]
        blobs = {blob: size for _, one in moved for blob, size in ((one.blob, 0), now[one.path])}
        readable = [(blob, size) for blob, size in blobs.items() if blob and size <= _LARGEST_FILE_BYTES]
        contents = await self._mirrors.get(snapshot.repository_id).read_blobs(readable) if readable else {}
        lines = {blob: _split(data) for blob, data in contents.items()}
        stale: list[StaleSection] = []
        for key, source in sources:
            if source.path not in now:
                stale.append(_stale(key, source, StaleReason.GONE))
            elif now[source.path][0] != source.blob and (
                reason := _difference(source, lines.get(source.blob, []), lines.get(now[source.path][0], []))
            ):
                stale.append(_stale(key, source, reason))
        return stale


def _conflicts(document: Document, sections: Sequence[Section]) -> Iterator[StaleSection]:
    found = [section.key for section in sections if section.is_conflicting]
    if document.is_conflicting and not found:
        yield StaleSection(
            section=sections[0].key if sections else "", reason=StaleReason.GONE, path=document.source_file
        )
    for key in found:
        yield StaleSection(section=key, reason=StaleReason.CONFLICT)


def _difference(source: Source, before: Sequence[str], after: Sequence[str]) -> StaleReason | None:
    wanted = list(before[source.start_line - 1 : source.end_line])
    if list(after[source.start_line - 1 : source.end_line]) == wanted:
        return None
    first = [index for index, line in enumerate(after) if wanted and line == wanted[0]]
    is_elsewhere = any(list(after[index : index + len(wanted)]) == wanted for index in first)
    return StaleReason.MOVED if is_elsewhere else StaleReason.CHANGED


def _stale(key: str, source: Source, reason: StaleReason) -> StaleSection:
    return StaleSection(
        section=key, reason=reason, path=source.path, start_line=source.start_line, end_line=source.end_line
    )


def _split(data: bytes) -> list[str]:
    try:
        return split_lines(decode(data))
    except Undecodable:
        return []

"""Tells which files change often, and when definitions were last touched."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Literal

from codemuse.contracts.findings import FileHistoryRead, HistoryRead, SymbolHistoryRead
from codemuse.database import Sessions
from docgen_server.core.analysis.analyser import is_test_path
from docgen_server.core.analysis.languages import CODE
from docgen_server.core.git.mirror import Mirror
from docgen_server.core.history.blame import LineOrigin, blame
from docgen_server.core.history.log import FileHistory
from docgen_server.core.linking.file_links import FileLinks
from docgen_server.core.linking.graph import LinkedFile
from docgen_server.db.history import HistoryStore, hot_spot_score
from docgen_server.db.links import LinkStore
from docgen_server.db.models import Snapshot
from docgen_server.db.snapshots import get_files, get_snapshot

_MOST_AUTHORS = 5


class HistoryService:
    """Reads histories."""

    def __init__(self, sessions: Sessions, histories: HistoryStore, links: LinkStore) -> None:
        self._sessions = sessions
        self._histories = histories
        self._links = links

    async def read(self, snapshot_id: str, path: str | None, limit: int) -> HistoryRead:
        """The costliest files; or one file with its definitions.

        Raises:
            PathNotFound: The snapshot has no such file.
        """
        async with self._sessions() as session:
            snapshot = await get_snapshot(session, snapshot_id)
            if path is not None:
                await get_files(session, snapshot_id, [path])
            linked = await self._links.get(session, snapshot)
        history = await self._histories.get(snapshot)
        files = linked.imports.files
        wanted = [path] if path is not None else list(files)
        items = [_read(history.files[name], files.get(name)) for name in wanted if name in history.files]
        symbols: list[SymbolHistoryRead] = []
        if path is not None and path in linked.program.files and history.commit_count:
            symbols = await self._symbols(snapshot, linked.program.files[path])
        return HistoryRead(
            items=sorted(items, key=lambda item: (-item.score, item.path))[:limit],
            symbols=symbols,
            commit_count=history.commit_count,
            since=history.since,
            is_complete=history.is_complete,
        )

    async def _symbols(self, snapshot: Snapshot, file: FileLinks) -> list[SymbolHistoryRead]:
        mirror: Mirror = self._histories.mirrors.get(snapshot.repository_id)
        return list(_by_symbol(file, await blame(mirror, snapshot.object_id, file.path)))


def _read(file: FileHistory, linked: LinkedFile | None) -> FileHistoryRead:
    line_count = linked.line_count if linked else 0
    return FileHistoryRead(
        path=file.path,
        commit_count=file.commit_count,
        added=file.added,
        deleted=file.deleted,
        authors=[name for name, _ in file.authors.most_common(_MOST_AUTHORS)],
        author_count=len(file.authors),
        last_commit=file.last_commit,
        last_author=file.last_author,
        last_changed_at=file.last_changed_at,
        line_count=line_count,
        score=hot_spot_score(file.commit_count, line_count),
        kind=_kind(linked),
    )


def _kind(file: LinkedFile | None) -> Literal["code", "test", "other"]:
    if file is None or file.language not in CODE:
        return "other"
    return "test" if is_test_path(file.path) else "code"


def _by_symbol(file: FileLinks, origins: Mapping[int, LineOrigin]) -> Iterator[SymbolHistoryRead]:
    for item in file.definitions:
        found = [origins[line] for line in range(item.line, item.end_line + 1) if line in origins]
        if item.visibility == "local" or not found:
            continue
        last = max(found, key=lambda origin: origin.changed_at)
        authors = Counter(origin.author for origin in found)
        yield SymbolHistoryRead(
            qualified_name=item.qualified_name,
            start_line=item.line,
            end_line=item.end_line,
            last_commit=last.commit,
            last_author=last.author,
            last_changed_at=last.changed_at,
            authors=[name for name, _ in authors.most_common(_MOST_AUTHORS)],
        )

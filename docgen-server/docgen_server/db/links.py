"""The links of a snapshot, resolved from stored facts when they are asked for: never stale, nothing to update."""

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from codemuse.contracts.findings import ProblemRead
from docgen_server.core.git.mirror import MirrorStore
from docgen_server.core.linking.file_links import FileLinks, unpack_imports, unpack_links
from docgen_server.core.linking.graph import Link, LinkedFile, LinkGraph
from docgen_server.core.linking.program import Program
from docgen_server.core.linking.resolve import MANIFEST_NAMES, PathIndex, resolve
from docgen_server.core.linking.symbol_graph import SymbolGraph, link_symbols
from docgen_server.core.problems.settings import SETTINGS_PATH, ProblemSettings, read_settings
from docgen_server.db.models import Snapshot, SnapshotFile
from docgen_server.db.snapshots import FactsRow, count_facts, list_facts

_LARGEST_MANIFEST_BYTES = 256 * 1024
_KEPT_PROGRAMS = 4
"""Celery with its tests takes about 60 MB."""


@dataclass(slots=True)
class LinkedProgram:
    """The code of a snapshot with its links."""

    program: Program
    """Every analysed file, manifests and prose included."""
    imports: LinkGraph
    settings: ProblemSettings
    symbols: SymbolGraph | None = None
    """Who uses whom, once it was asked for; ask ``LinkStore.get_symbols``."""
    problems: list[ProblemRead] | None = None
    """Problems of the snapshot as a whole, once they were asked for."""


@dataclass(slots=True)
class LinkStore:
    """Keeps the programs that were asked for last; a snapshot that is analysed further is linked anew."""

    mirrors: MirrorStore
    _programs: OrderedDict[tuple[str, int], LinkedProgram] = field(default_factory=OrderedDict)
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def get(self, session: AsyncSession, snapshot: Snapshot) -> LinkedProgram:
        """The files of a snapshot with their definitions and imports."""
        async with self._lock:
            key = (snapshot.id, await count_facts(session, snapshot.id))
            if key not in self._programs:
                rows = await list_facts(session, snapshot.id)
                index = await _path_index(session, self.mirrors, snapshot)
                settings = await _settings(session, self.mirrors, snapshot)
                self._programs[key] = await asyncio.to_thread(_link, rows, index, settings)
            self._programs.move_to_end(key)
            while len(self._programs) > _KEPT_PROGRAMS:
                self._programs.popitem(last=False)
            return self._programs[key]

    async def get_symbols(self, session: AsyncSession, snapshot: Snapshot) -> tuple[Program, SymbolGraph]:
        """The files of a snapshot, and who uses whom among their definitions."""
        linked = await self.get(session, snapshot)
        async with self._lock:
            if linked.symbols is None:
                linked.symbols = await asyncio.to_thread(link_symbols, linked.program)
            return linked.program, linked.symbols


async def load_graph(session: AsyncSession, mirrors: MirrorStore, snapshot: Snapshot) -> LinkGraph:
    """Who imports whom among the analysed files of a snapshot."""
    index = await _path_index(session, mirrors, snapshot)
    return _link_files(index, await list_facts(session, snapshot.id))


def _link_files(index: PathIndex, rows: Sequence[FactsRow]) -> LinkGraph:
    files: dict[str, LinkedFile] = {}
    links: list[Link] = []
    for row in rows:
        files[row.path] = LinkedFile(row.path, row.language, row.line_count)
        for statement in unpack_imports(row.links):
            found = resolve(index, row.path, row.language, statement)
            links += [
                Link(
                    row.path,
                    target,
                    statement.line,
                    is_external=target == found.external,
                    is_deferred=statement.deferred,
                )
                for target in (*found.paths, *filter(None, [found.external]))
                if target != row.path
            ]
    return LinkGraph(files, links)


def _link(rows: Sequence[FactsRow], index: PathIndex, settings: ProblemSettings) -> LinkedProgram:
    files: dict[str, FileLinks] = {row.path: unpack_links(row.path, row.language, row.links) for row in rows}
    program = Program(files, index)
    return LinkedProgram(program, _link_files(index, rows), settings)


async def _settings(session: AsyncSession, mirrors: MirrorStore, snapshot: Snapshot) -> ProblemSettings:
    """What the repository says in its own settings file."""
    file = await session.get(SnapshotFile, (snapshot.id, SETTINGS_PATH))
    if file is None or file.size > _LARGEST_MANIFEST_BYTES:
        return ProblemSettings()
    data = await mirrors.get(snapshot.repository_id).read_blob(file.blob)
    return read_settings(data.decode("utf-8", "replace"))


async def _path_index(session: AsyncSession, mirrors: MirrorStore, snapshot: Snapshot) -> PathIndex:
    paths = await session.scalars(select(SnapshotFile.path).where(SnapshotFile.snapshot_id == snapshot.id))
    return PathIndex(frozenset(paths), await _manifests(session, mirrors, snapshot))


async def _manifests(session: AsyncSession, mirrors: MirrorStore, snapshot: Snapshot) -> dict[str, str]:
    name = func.regexp_replace(SnapshotFile.path, "^.*/", "")
    query = select(SnapshotFile).where(
        SnapshotFile.snapshot_id == snapshot.id,
        name.in_(MANIFEST_NAMES),
        SnapshotFile.size <= _LARGEST_MANIFEST_BYTES,
        SnapshotFile.skip_reason.is_(None),
    )
    files: Sequence[SnapshotFile] = (await session.scalars(query)).all()
    contents = await mirrors.get(snapshot.repository_id).read_blobs([(file.blob, file.size) for file in files])
    return {file.path: contents[file.blob].decode("utf-8", "replace") for file in files}

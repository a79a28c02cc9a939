"""The links of a snapshot, resolved from stored facts when they are asked for: never stale, nothing to update."""

import asyncio
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from codemuse.contracts.findings import ProblemRead
from docgen_server.core.git.mirror import MirrorStore
from docgen_server.core.linking.file_links import FileLinks, unpack_links
from docgen_server.core.linking.graph import Link, LinkedFile, LinkGraph
from docgen_server.core.linking.program import Program
from docgen_server.core.linking.relinking import relink_symbols
from docgen_server.core.linking.resolve import MANIFEST_NAMES, PathIndex
from docgen_server.core.linking.symbol_graph import SymbolGraph, link_symbols
from docgen_server.core.problems.settings import SETTINGS_PATH, ProblemSettings, read_settings
from docgen_server.db.models import Snapshot, SnapshotFile
from docgen_server.db.snapshots import FactsRow, count_facts, get_links, list_facts

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
    facts: Mapping[UUID, FileLinks]
    """The same files by the id of their facts: what did not change between two snapshots is read once."""
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
                known = {id_: file for linked in self._programs.values() for id_, file in linked.facts.items()}
                stored = await get_links(session, [row.id for row in rows if row.id not in known])
                linked = await asyncio.to_thread(_read, rows, known, stored, index, settings)
                before = self._nearest(linked, list(self._programs.values()))
                await asyncio.to_thread(_link, linked, before)
                self._programs[key] = linked
            self._programs.move_to_end(key)
            while len(self._programs) > _KEPT_PROGRAMS:
                self._programs.popitem(last=False)
            return self._programs[key]

    async def get_symbols(self, session: AsyncSession, snapshot: Snapshot) -> tuple[Program, SymbolGraph]:
        """The files of a snapshot, and who uses whom among their definitions."""
        linked = await self.get(session, snapshot)
        async with self._lock:
            if linked.symbols is None:
                before = self._nearest(linked, [one for one in self._programs.values() if one.symbols is not None])
                if before is not None and before.symbols is not None:
                    work = asyncio.to_thread(relink_symbols, linked.program, before.program, before.symbols)
                else:
                    work = asyncio.to_thread(link_symbols, linked.program)
                linked.symbols = await work
            return linked.program, linked.symbols

    def _nearest(self, linked: LinkedProgram, others: Sequence[LinkedProgram]) -> LinkedProgram | None:
        """The program that shares most files with another one."""
        return max(others, key=lambda one: len(one.facts.keys() & linked.facts.keys()), default=None)


def _read(
    rows: Sequence[FactsRow],
    known: Mapping[UUID, FileLinks],
    stored: Mapping[UUID, bytes],
    index: PathIndex,
    settings: ProblemSettings,
) -> LinkedProgram:
    facts: dict[UUID, FileLinks] = {}
    for row in rows:
        if row.id in known:
            facts[row.id] = known[row.id]
        elif row.id in stored:
            facts[row.id] = unpack_links(row.path, row.language, stored[row.id])
    program = Program({file.path: file for file in facts.values()}, index)
    files = {row.path: LinkedFile(row.path, row.language, row.line_count) for row in rows}
    return LinkedProgram(program, LinkGraph(files, []), settings, facts)


def _link(linked: LinkedProgram, before: LinkedProgram | None) -> None:
    """Resolve the imports; where a program before saw the same files, they mean the same."""
    program = linked.program
    if before is not None and program.sees_the_same_files(before.program):
        program.take_imports(before.program)
    linked.imports = LinkGraph(linked.imports.files, list(_file_links(program)))


def _file_links(program: Program) -> Iterator[Link]:
    """Every import of every file, resolved."""
    for file in program.files.values():
        for statement in file.imports:
            found = program.resolve_import(file, statement)
            for target in (*found.paths, *filter(None, [found.external])):
                if target != file.path:
                    yield Link(
                        file.path,
                        target,
                        statement.line,
                        is_external=target == found.external,
                        is_deferred=statement.deferred,
                    )


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

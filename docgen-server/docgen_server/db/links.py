"""The links of a snapshot, resolved from stored facts when they are asked for: never stale, nothing to update."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from codemuse.contracts.findings import ProblemRead
from docgen_server.core.documents.usage import Usage, read_usage
from docgen_server.core.git.mirror import Mirror, MirrorStore
from docgen_server.core.linking.file_links import FileLinks, unpack_links
from docgen_server.core.linking.graph import Link, LinkedFile, LinkGraph
from docgen_server.core.linking.program import Program
from docgen_server.core.linking.relinking import relink_symbols
from docgen_server.core.linking.resolve import MANIFEST_NAMES, PathIndex
from docgen_server.core.linking.symbol_graph import SymbolGraph, link_symbols
from docgen_server.core.problems.settings import SETTINGS_PATH, ProblemSettings, read_settings
from docgen_server.db.mentions import Mentions
from docgen_server.db.models import Snapshot
from docgen_server.db.snapshots import FileRow, count_facts, get_links, list_files

_LARGEST_MANIFEST_BYTES = 256 * 1024
_KEPT_PROGRAMS = 4
"""Celery with its tests takes about 60 MB."""


@dataclass(slots=True)
class LinkedProgram:
    """The code of a snapshot with its links."""

    rows: Mapping[str, FileRow]
    """Every file of the snapshot."""
    program: Program
    """Every analysed file, manifests and prose included."""
    imports: LinkGraph
    settings: ProblemSettings
    facts: Mapping[UUID, FileLinks]
    """The same files by the id of their facts: what did not change between two snapshots is read once."""
    symbols: SymbolGraph | None = None
    """Who uses whom, once it was asked for; ask ``LinkStore.get_symbols``."""
    usage: Usage | None = None
    """The same as pages show it; ask ``LinkStore.get_usage``."""
    mentions: Mentions | None = None
    """Where suspicious names stand, once problems were asked for."""
    problems: list[ProblemRead] | None = None
    """Problems of the snapshot as a whole, once they were asked for."""
    finding: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held by who looks for problems: it takes a processor for a while, and once is enough."""

    @property
    def analysed(self) -> Iterator[tuple[str, UUID, FileRow]]:
        """Path, id of the facts and row of every file that was analysed."""
        return ((path, row.id, row) for path, row in self.rows.items() if row.id is not None)


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
                self._programs[key] = await self._read(session, snapshot)
            self._programs.move_to_end(key)
            while len(self._programs) > _KEPT_PROGRAMS:
                self._programs.popitem(last=False)
            return self._programs[key]

    async def get_symbols(self, session: AsyncSession, snapshot: Snapshot) -> tuple[Program, SymbolGraph]:
        """The files of a snapshot, and who uses whom among their definitions."""
        linked = await self.get(session, snapshot)
        async with self._lock:
            return linked.program, await self._symbols(linked)

    async def get_usage(self, linked: LinkedProgram) -> Usage:
        """Who uses whom in a program, as pages show it."""
        async with self._lock:
            if linked.usage is None:
                symbols = await self._symbols(linked)
                before = self.nearest(linked, lambda one: one.usage is not None)
                known = before.usage if before else None
                linked.usage = await asyncio.to_thread(read_usage, linked.program, symbols, known)
            return linked.usage

    async def _symbols(self, linked: LinkedProgram) -> SymbolGraph:
        if linked.symbols is None:
            before = self.nearest(linked, lambda one: one.symbols is not None)
            if before is not None and before.symbols is not None:
                work = asyncio.to_thread(relink_symbols, linked.program, before.program, before.symbols)
            else:
                work = asyncio.to_thread(link_symbols, linked.program)
            linked.symbols = await work
        return linked.symbols

    def nearest(
        self, linked: LinkedProgram, accepted: Callable[[LinkedProgram], bool] = lambda _: True
    ) -> LinkedProgram | None:
        """The other program, of those accepted, that shares most files with one."""
        others = [one for one in self._programs.values() if one is not linked and accepted(one)]
        return max(others, key=lambda one: len(one.facts.keys() & linked.facts.keys()), default=None)

    async def _read(self, session: AsyncSession, snapshot: Snapshot) -> LinkedProgram:
        rows = {row.path: row for row in await list_files(session, snapshot.id)}
        known = {id_: file for linked in self._programs.values() for id_, file in linked.facts.items()}
        identifiers = [row.id for row in rows.values() if row.id is not None]
        stored = await get_links(session, [id_ for id_ in identifiers if id_ not in known])
        manifests, settings = await _texts(self.mirrors.get(snapshot.repository_id), rows)
        linked = await asyncio.to_thread(_unpack, rows, known, stored, read_settings(settings))
        await asyncio.to_thread(_link, linked, manifests, self.nearest(linked))
        return linked


def _unpack(
    rows: Mapping[str, FileRow],
    known: Mapping[UUID, FileLinks],
    stored: Mapping[UUID, bytes],
    settings: ProblemSettings,
) -> LinkedProgram:
    facts: dict[UUID, FileLinks] = {}
    for row in rows.values():
        if row.id is not None and row.id in known:
            facts[row.id] = known[row.id]
        elif row.id is not None and row.id in stored:
            facts[row.id] = unpack_links(row.path, row.language, stored[row.id])
    files = {row.path: LinkedFile(row.path, row.language, row.line_count) for row in rows.values() if row.id}
    program = Program({file.path: file for file in facts.values()}, PathIndex(frozenset()))
    return LinkedProgram(rows, program, LinkGraph(files, []), settings, facts)


def _link(linked: LinkedProgram, manifests: Mapping[str, str], before: LinkedProgram | None) -> None:
    """Resolve the imports; where a program before saw the same files, those of the same file mean the same."""
    paths = linked.rows.keys()
    same = before is not None and before.program.index.paths == paths and before.program.index.manifests == manifests
    if before is None or not same:
        linked.program = Program(linked.program.files, PathIndex(frozenset(paths), manifests))
        links = [link for file in linked.program.files.values() for link in _file_links(linked.program, file)]
        linked.imports = LinkGraph(linked.imports.files, links)
        return
    linked.program = Program(linked.program.files, before.program.index)
    linked.program.take_imports(before.program)
    links = []
    for path, file in linked.program.files.items():
        is_known = before.program.files.get(path) is file
        links += before.imports.imports(path) if is_known else _file_links(linked.program, file)
    linked.imports = LinkGraph(linked.imports.files, links)
    linked.imports.take_cycles(before.imports)


def _file_links(program: Program, file: FileLinks) -> Iterator[Link]:
    """Every import of a file, resolved."""
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


async def _texts(mirror: Mirror, rows: Mapping[str, FileRow]) -> tuple[dict[str, str], str]:
    """Texts of the manifests that imports are resolved by, and what the repository says in its own settings file."""
    wanted = {
        path: row
        for path, row in rows.items()
        if row.size <= _LARGEST_MANIFEST_BYTES
        and row.skip_reason != "submodule"
        and (path == SETTINGS_PATH or (row.skip_reason is None and path.rpartition("/")[2] in MANIFEST_NAMES))
    }
    contents = await mirror.read_blobs([(row.blob, row.size) for row in wanted.values()])
    texts = {path: contents[row.blob].decode("utf-8", "replace") for path, row in wanted.items()}
    settings = texts.pop(SETTINGS_PATH, "")
    return texts, settings

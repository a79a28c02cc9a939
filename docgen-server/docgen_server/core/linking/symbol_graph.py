"""Who uses whom, definition by definition: callers, callees, inheritance, and what a change may break."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import NamedTuple

from codemuse.contracts.common import Language
from docgen_server.core.analysis.model import ReferenceKind
from docgen_server.core.linking.file_links import FileLinks
from docgen_server.core.linking.program import NameResolver, Program, Site
from docgen_server.core.linking.python_names import PythonNames
from docgen_server.core.linking.static_names import StaticNames
from docgen_server.core.linking.trail import Seen


class Direction(StrEnum):
    """Which way to walk."""

    DEPENDENTS = "dependents"
    DEPENDENCIES = "dependencies"
    BOTH = "both"


class SymbolLink(NamedTuple):
    """``source`` mentions ``target``; a source of ordinal -1 is the module's own code."""

    source: Site
    target: Site
    kind: ReferenceKind
    line: int
    confidence: float


class FileUses(NamedTuple):
    """The links that begin in one file."""

    links: list[SymbolLink]
    seen: frozenset[Seen] | None = None
    """What they were worked out from, where that is known."""
    paths: frozenset[str] = frozenset()
    """Files that they end in."""


@dataclass
class SymbolGraph:
    """All links between definitions of a snapshot, by the file that they begin in."""

    by_file: Mapping[str, FileUses]

    @property
    def links(self) -> Iterator[SymbolLink]:
        """Every link, file by file."""
        return (link for uses in self.by_file.values() for link in uses.links)

    @cached_property
    def _outgoing(self) -> Mapping[Site, list[SymbolLink]]:
        return _grouped(self.links, lambda link: link.source)

    @cached_property
    def _incoming(self) -> Mapping[Site, list[SymbolLink]]:
        return _grouped(self.links, lambda link: link.target)

    def uses(self, site: Site) -> list[SymbolLink]:
        """What a definition mentions, in source order."""
        return self._outgoing.get(site, [])

    def users(self, site: Site) -> list[SymbolLink]:
        """Who mentions a definition."""
        return self._incoming.get(site, [])

    def reach(self, start: Iterable[Site], direction: Direction, depth: int, most: int) -> dict[Site, int]:
        """Definitions within some steps, with their distance; the walk ends at ``most`` of them, the nearest first.

        With ``dependents`` and a large depth this is what breaks when the start changes.
        """
        distances = dict.fromkeys(start, 0)
        border = list(distances)
        for distance in range(1, depth + 1):
            following: list[Site] = []
            for site in border:
                for neighbour in self._neighbours(site, direction):
                    if neighbour not in distances and len(distances) < most:
                        distances[neighbour] = distance
                        following.append(neighbour)
            border = following
        return distances

    def between(self, sites: Mapping[Site, int]) -> list[SymbolLink]:
        """Links among some definitions, in source order."""
        return [link for site in sites for link in self.uses(site) if link.target in sites]

    def _neighbours(self, site: Site, direction: Direction) -> Iterator[Site]:
        if direction is not Direction.DEPENDENCIES:
            yield from (link.source for link in self.users(site))
        if direction is not Direction.DEPENDENTS:
            yield from (link.target for link in self.uses(site))


def link_symbols(program: Program, paths: Iterable[str] | None = None) -> SymbolGraph:
    """Resolve the references of a program, or of some of its files; equal mentions of one definition in one scope are one link."""
    python, others = PythonNames(program), StaticNames(program)
    uses: dict[str, FileUses] = {}
    for path in program.files if paths is None else paths:
        file = program.files[path]
        if file.language == Language.PYTHON:
            links = _link_file(file, python)
            uses[path] = FileUses(links, python.trail.take(), _ends(links))
        else:
            links = _link_file(file, others)
            uses[path] = FileUses(links, None, _ends(links))
    return SymbolGraph(uses)


def _ends(links: Iterable[SymbolLink]) -> frozenset[str]:
    return frozenset(link.target.path for link in links)


def _link_file(file: FileLinks, resolver: NameResolver) -> list[SymbolLink]:
    found: dict[tuple[Site, Site, ReferenceKind], SymbolLink] = {}
    for reference in file.references:
        source = Site(file.path, reference.scope)
        for target in resolver.targets(file, reference):
            kind = reference.kind if target.is_meant else ReferenceKind.USE
            key = (source, target.site, kind)
            if target.site != source and (key not in found or found[key].confidence < target.confidence):
                found[key] = SymbolLink(source, target.site, kind, reference.line, target.confidence)
    return list(found.values())


def _grouped(links: Iterable[SymbolLink], key: Callable[[SymbolLink], Site]) -> Mapping[Site, list[SymbolLink]]:
    groups: dict[Site, list[SymbolLink]] = {}
    for link in links:
        groups.setdefault(key(link), []).append(link)
    return groups

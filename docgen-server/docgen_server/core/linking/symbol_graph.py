"""Who uses whom, definition by definition: callers, callees, inheritance, and what a change may break."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from codemuse.contracts.common import Language
from docgen_server.core.analysis.model import ReferenceKind
from docgen_server.core.linking.program import NameResolver, Program, Site
from docgen_server.core.linking.python_names import PythonNames
from docgen_server.core.linking.static_names import StaticNames


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


@dataclass(slots=True)
class SymbolGraph:
    """All links between definitions of a snapshot."""

    links: list[SymbolLink]
    _outgoing: dict[Site, list[SymbolLink]] = field(default_factory=lambda: defaultdict(list))
    _incoming: dict[Site, list[SymbolLink]] = field(default_factory=lambda: defaultdict(list))

    def __post_init__(self) -> None:
        for link in self.links:
            self._outgoing[link.source].append(link)
            self._incoming[link.target].append(link)

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


def link_symbols(program: Program) -> SymbolGraph:
    """Resolve every reference of a program; equal mentions of one definition in one scope are one link."""
    python, others = PythonNames(program), StaticNames(program)
    found: dict[tuple[Site, Site, ReferenceKind], SymbolLink] = {}
    for file in program.files.values():
        resolver: NameResolver = python if file.language == Language.PYTHON else others
        for reference in file.references:
            source = Site(file.path, reference.scope)
            for target in resolver.targets(file, reference):
                kind = reference.kind if target.is_meant else ReferenceKind.USE
                key = (source, target.site, kind)
                if target.site != source and (key not in found or found[key].confidence < target.confidence):
                    found[key] = SymbolLink(source, target.site, kind, reference.line, target.confidence)
    return SymbolGraph(list(found.values()))

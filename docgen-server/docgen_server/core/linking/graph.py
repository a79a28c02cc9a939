"""The dependency graph of one snapshot and what can be asked of it."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import networkx as nx  # type: ignore[import-untyped]


@dataclass(frozen=True, slots=True)
class LinkedFile:
    """A file in the graph."""

    path: str
    language: str
    line_count: int


@dataclass(frozen=True, slots=True)
class Link:
    """One import, resolved: ``target`` is a path of the repository, or the name of something outside."""

    source: str
    target: str
    line: int
    is_external: bool
    is_deferred: bool


@dataclass(slots=True)
class LinkGraph:
    """Files and the links between them."""

    files: Mapping[str, LinkedFile]
    links: Sequence[Link]
    _imports: dict[str, list[Link]] = field(default_factory=dict)
    _importers: dict[str, list[Link]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for link in self.links:
            self._imports.setdefault(link.source, []).append(link)
            self._importers.setdefault(link.target, []).append(link)

    def internal_imports(self, path: str) -> list[str]:
        """Files that a file imports, in order of first mention."""
        return list(dict.fromkeys(link.target for link in self._imports.get(path, ()) if not link.is_external))

    def external_imports(self, path: str) -> list[str]:
        """Names from outside that a file imports, sorted."""
        return sorted({link.target for link in self._imports.get(path, ()) if link.is_external})

    def importers(self, path: str) -> list[str]:
        """Files that import a file, sorted."""
        return sorted({link.source for link in self._importers.get(path, ()) if not link.is_external})

    def weights(self) -> Counter[tuple[str, str, bool]]:
        """Number of imports by source, target and whether the target is outside."""
        return Counter((link.source, link.target, link.is_external) for link in self.links)

    def cycles(self) -> list[list[str]]:
        """Groups of files that import each other while they load, each as a shortest round trip."""
        graph = nx.DiGraph(
            (link.source, link.target)
            for link in self.links
            if not link.is_external and not link.is_deferred and link.source != link.target
        )
        groups = (group for group in nx.strongly_connected_components(graph) if len(group) > 1)
        return sorted(_round_trip(graph, group) for group in groups)

    def line_of(self, source: str, target: str) -> int:
        """Where a file first imports another."""
        return min((link.line for link in self._imports.get(source, ()) if link.target == target), default=1)


def _round_trip(graph: nx.DiGraph, group: Iterable[str]) -> list[str]:
    """The shortest way from the first file of a group back to itself."""
    members = graph.subgraph(group)
    start = min(members)
    ways = nx.single_source_shortest_path(members, start)
    back = min((ways[node] for node in members.predecessors(start)), key=lambda way: (len(way), way))
    return list(back)

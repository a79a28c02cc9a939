"""The dependency graph of one snapshot and what can be asked of it."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

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


@dataclass
class LinkGraph:
    """Files and the links between them."""

    files: Mapping[str, LinkedFile]
    links: Sequence[Link]
    _imports: dict[str, list[Link]] = field(default_factory=dict)
    _importers: dict[str, dict[str, int]] = field(default_factory=dict)
    """By target: who imports it, and where first."""

    def __post_init__(self) -> None:
        for link in self.links:
            self._imports.setdefault(link.source, []).append(link)
            if not link.is_external:
                lines = self._importers.setdefault(link.target, {})
                lines[link.source] = min(link.line, lines.get(link.source, link.line))

    def imports(self, path: str) -> Sequence[Link]:
        """Everything that a file imports, in order of first mention."""
        return self._imports.get(path, ())

    def internal_imports(self, path: str) -> list[str]:
        """Files that a file imports, in order of first mention."""
        return list(dict.fromkeys(link.target for link in self._imports.get(path, ()) if not link.is_external))

    def external_imports(self, path: str) -> list[str]:
        """Names from outside that a file imports, sorted."""
        return sorted({link.target for link in self._imports.get(path, ()) if link.is_external})

    def importers(self, path: str) -> list[str]:
        """Files that import a file, sorted."""
        return sorted(self._importers.get(path, ()))

    def importing_lines(self, path: str) -> Mapping[str, int]:
        """Where each importer of a file first imports it."""
        return self._importers.get(path, {})

    @cached_property
    def weights(self) -> Counter[tuple[str, str, bool]]:
        """Number of imports by source, target and whether the target is outside."""
        return Counter((link.source, link.target, link.is_external) for link in self.links)

    @cached_property
    def folder_weights(self) -> Counter[tuple[str, str]]:
        """Number of imports between folders."""
        weights: Counter[tuple[str, str]] = Counter()
        for (source, target, is_external), weight in self.weights.items():
            pair = (source.rpartition("/")[0], target.rpartition("/")[0])
            if not is_external and pair[0] != pair[1]:
                weights[pair] += weight
        return weights

    @cached_property
    def loads(self) -> frozenset[tuple[str, str]]:
        """Who needs whom while it loads."""
        return frozenset(
            (link.source, link.target)
            for link in self.links
            if not link.is_external and not link.is_deferred and link.source != link.target
        )

    def take_cycles(self, other: "LinkGraph") -> None:
        """Take over what is known of cycles by a graph with the same links."""
        if "cycles" in other.__dict__ and self.loads == other.loads:
            self.__dict__["cycles"] = other.cycles

    @cached_property
    def cycles(self) -> list[list[str]]:
        """Groups of files that import each other while they load, each as a shortest round trip."""
        graph = nx.DiGraph(sorted(self.loads))
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

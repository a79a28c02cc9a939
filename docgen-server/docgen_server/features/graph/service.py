"""Shows the dependency graph of a snapshot at the size that a person can read."""

from collections import Counter
from collections.abc import Mapping

from codemuse.contracts.docgen import GraphEdge, GraphNode, GraphRead
from codemuse.database import Sessions
from codemuse.errors import InvalidInput
from docgen_server.core.errors import PathNotFound
from docgen_server.core.linking.graph import LinkGraph
from docgen_server.core.linking.program import Program
from docgen_server.core.linking.symbol_graph import Direction
from docgen_server.db.links import LinkStore
from docgen_server.db.snapshots import get_snapshot
from docgen_server.features.graph.symbols import read_symbols

MOST_NODES = 400
_ROOT = "/"

Edges = Counter[tuple[str, str]]


class GraphService:
    """Reads dependency graphs."""

    def __init__(self, sessions: Sessions, links: LinkStore) -> None:
        self._sessions = sessions
        self._links = links

    async def read_symbols(self, snapshot_id: str, focus: str | None, *, direction: Direction, depth: int) -> GraphRead:
        """Definitions around one, with their distance from it.

        Raises:
            InvalidInput: No focus is given.
            PathNotFound: Nothing is defined by the name of the focus.
        """
        if focus is None:
            raise InvalidInput("Say which definition: 'focus=path:Qualified.name'.", code="focus_missing")
        async with self._sessions() as session:
            program, graph = await self._links.get_symbols(session, await get_snapshot(session, snapshot_id))
        return read_symbols(program, graph, focus, direction=direction, depth=depth, most=MOST_NODES)

    async def read(
        self, snapshot_id: str, *, is_by_file: bool, focus: str | None, direction: Direction, depth: int
    ) -> GraphRead:
        """The graph, or the part of it within some steps of a file or folder.

        Raises:
            PathNotFound: Nothing in the graph has the name of the focus.
        """
        async with self._sessions() as session:
            linked = await self._links.get(session, await get_snapshot(session, snapshot_id))
        graph, versions = linked.imports, _versions(linked.program)
        nodes = _file_nodes(graph) if is_by_file else _package_nodes(graph)
        edges = _edges(graph, is_by_file=is_by_file)
        for target in {target for _, target in edges if target not in nodes}:
            name = target.removeprefix("external:")
            nodes[target] = GraphNode(id=target, label=name, kind="external", version=versions.get(_plain(name)))
        if focus is not None:
            edges = _around(edges, _focused(nodes, focus), direction, depth)
            kept = {node for edge in edges for node in edge} | set(_focused(nodes, focus))
            nodes = {key: node for key, node in nodes.items() if key in kept}
        return _bounded(nodes, edges)


def package_of(path: str) -> str:
    """The folder of a file; the root is ``/``."""
    return path.rpartition("/")[0] or _ROOT


def _versions(program: Program) -> dict[str, str]:
    """What manifests ask for, by the name that imports use: a package's own, or the first parts of a Maven group."""
    versions: dict[str, str] = {}
    for file in program.files.values():
        for package in file.packages:
            group = ".".join(package.name.split(":", 1)[0].split(".")[:2])
            name = group if package.ecosystem == "maven" else package.name
            versions.setdefault(_plain(name), package.version)
    return versions


def _plain(name: str) -> str:
    """A name without what import and package spell differently."""
    return name.lower().replace("_", "-")


def _file_nodes(graph: LinkGraph) -> dict[str, GraphNode]:
    linked = {path for link in graph.links for path in (link.source, link.target)}
    return {
        file.path: GraphNode(
            id=file.path,
            label=file.path.rpartition("/")[2],
            kind="file",
            path=file.path,
            language=file.language,
            line_count=file.line_count,
        )
        for file in graph.files.values()
        if file.path in linked
    }


def _package_nodes(graph: LinkGraph) -> dict[str, GraphNode]:
    lines: Counter[str] = Counter()
    languages: dict[str, Counter[str]] = {}
    linked = {path for link in graph.links for path in (link.source, link.target)}
    for file in graph.files.values():
        if file.path in linked:
            lines[package_of(file.path)] += file.line_count
            languages.setdefault(package_of(file.path), Counter())[file.language] += file.line_count
    return {
        package: GraphNode(
            id=package,
            label=package,
            kind="package",
            path=package,
            language=languages[package].most_common(1)[0][0],
            line_count=count,
        )
        for package, count in lines.items()
    }


def _edges(graph: LinkGraph, *, is_by_file: bool) -> Edges:
    edges: Edges = Counter()
    for (source, target, is_external), weight in graph.weights.items():
        start = source if is_by_file else package_of(source)
        inner = target if is_by_file else package_of(target)
        end = f"external:{target}" if is_external else inner
        if start != end and (is_external or target in graph.files):
            edges[start, end] += weight
    return edges


def _focused(nodes: Mapping[str, GraphNode], focus: str) -> list[str]:
    wanted = focus if focus == _ROOT else focus.rstrip("/")
    found = [key for key in nodes if key in {wanted, f"external:{wanted}"}]
    found = found or [key for key in nodes if key.startswith(wanted + "/")]
    if not found:
        raise PathNotFound("The graph has no such file, folder or package.", path=focus[:500])
    return found


def _around(edges: Edges, centre: list[str], direction: Direction, depth: int) -> Edges:
    """Edges within some steps of the centre: to those that need it, to what it needs, or both."""
    reached = set(centre)
    for _ in range(depth):
        found: set[str] = set()
        for source, target in edges:
            if direction is not Direction.DEPENDENCIES and target in reached:
                found.add(source)
            if direction is not Direction.DEPENDENTS and source in reached:
                found.add(target)
        reached |= found
    return Counter({edge: weight for edge, weight in edges.items() if reached.issuperset(edge)})


def _bounded(nodes: Mapping[str, GraphNode], edges: Edges) -> GraphRead:
    """The best connected nodes, when there are too many."""
    degrees: Counter[str] = Counter()
    for (source, target), weight in edges.items():
        degrees[source] += weight
        degrees[target] += weight
    ranked = sorted(nodes, key=lambda key: (nodes[key].kind == "external", -degrees[key], key))
    kept = set(ranked[:MOST_NODES])
    return GraphRead(
        nodes=[nodes[key] for key in sorted(kept)],
        edges=[
            GraphEdge(source=source, target=target, weight=weight)
            for (source, target), weight in sorted(edges.items())
            if source in kept and target in kept
        ],
        truncated=len(ranked) > MOST_NODES,
    )

"""Shows definitions and who uses whom at the size that a person can read."""

from collections.abc import Mapping

from codemuse.contracts.docgen import GraphEdge, GraphNode, GraphRead
from docgen_server.core.analysis.model import MODULE
from docgen_server.core.errors import PathNotFound
from docgen_server.core.linking.program import Program, Site
from docgen_server.core.linking.symbol_graph import Direction, SymbolGraph


def read_symbols(
    program: Program, graph: SymbolGraph, focus: str, *, direction: Direction, depth: int, most: int
) -> GraphRead:
    """Definitions within some steps of a focus, each with its distance.

    Args:
        program: The files.
        graph: Their links.
        focus: ``path:Qualified.name``, ``Qualified.name`` or the last parts of it, or a path for everything that a file
            defines.
        direction: Whether to walk to those that use the focus, to what it uses, or both ways.
        depth: Most steps.
        most: Most definitions.

    Raises:
        PathNotFound: Nothing is defined by that name.
    """
    start = find_sites(program, focus)
    reached = graph.reach(start, direction, depth, most + 1)
    is_cut = len(reached) > most
    kept = dict(list(reached.items())[:most])
    return GraphRead(
        nodes=[_node(program, site, distance) for site, distance in kept.items()],
        edges=[
            GraphEdge(
                source=node_id(program, link.source),
                target=node_id(program, link.target),
                kind=link.kind,
                line=link.line,
                confidence=link.confidence,
            )
            for link in graph.between(kept)
        ],
        truncated=is_cut,
    )


def find_sites(program: Program, focus: str) -> list[Site]:
    """Where something is defined.

    Raises:
        PathNotFound: Nothing is defined by that name.
    """
    path, colon, name = focus.rpartition(":")
    if focus in program.files:
        file = program.files[focus]
        found = [Site(focus, ordinal) for ordinal in range(MODULE, len(file.definitions))]
    elif colon and path in program.files:
        found = _named(program, [path], name)
    else:
        found = _named(program, program.files, focus)
    if not found:
        raise PathNotFound("Nothing is defined by that name; write 'path:Qualified.name'.", path=focus[:500])
    return found


def node_id(program: Program, site: Site) -> str:
    """How a definition is named in the graph, and may be given as the focus."""
    return site.path if site.ordinal == MODULE else f"{site.path}:{program.definition(site).qualified_name}"


def _named(program: Program, paths: Mapping[str, object] | list[str], name: str) -> list[Site]:
    last = name.rpartition(".")[2]
    sites = [site for site in program.by_name.get(last, ()) if site.path in paths]
    exact = [site for site in sites if program.definition(site).qualified_name == name]
    return exact or [site for site in sites if program.definition(site).qualified_name.endswith(f".{name}")]


def _node(program: Program, site: Site, distance: int) -> GraphNode:
    file = program.files[site.path]
    if site.ordinal == MODULE:
        label = site.path.rpartition("/")[2]
        return GraphNode(
            id=site.path, label=label, kind="file", path=site.path, language=file.language, distance=distance
        )
    item = program.definition(site)
    return GraphNode(
        id=node_id(program, site),
        label=item.qualified_name,
        kind=item.kind,
        path=site.path,
        language=file.language,
        line_count=item.end_line - item.line + 1,
        start_line=item.line,
        end_line=item.end_line,
        distance=distance,
    )

"""What the call graph says to a question that asks for callers or callees."""

import asyncio
from collections.abc import Mapping

from codemuse.clients.docgen import DocgenClient
from codemuse.contracts.docgen import GraphRead
from codemuse.contracts.rag import MOST_RELATED, RelatedPlace
from codemuse.errors import CodeMuseError
from codemuse.logging import get_logger
from codemuse.relations import Relation, RelationQuestion, read_relation

_log = get_logger(__name__)

MOST_REPOSITORIES = 8
PATIENCE_SECONDS = 2.0
"""The first question about a large repository links it; until then the search goes on without."""
_DIRECTIONS = {Relation.CALLERS: "dependents", Relation.CALLEES: "dependencies"}


async def find_related(docgen: DocgenClient, question: str, snapshots: Mapping[str, str | None]) -> list[RelatedPlace]:
    """Lines that the call graph leads to; none where a question asks for something else, or the name is not defined.

    Args:
        docgen: Knows the graph.
        question: As a person wrote it.
        snapshots: What is searched: snapshot by repository.
    """
    asked = read_relation(question)
    if asked is None:
        return []
    searched = [(repository, snapshot) for repository, snapshot in snapshots.items() if snapshot][:MOST_REPOSITORIES]
    graphs = await asyncio.gather(*(_ask(docgen, snapshot, asked) for _, snapshot in searched))
    places: dict[tuple[str, str, int], float] = {}
    for (repository, _), graph in zip(searched, graphs, strict=True):
        if graph is not None:
            for (path, line), confidence in _places(graph, asked.relation).items():
                places[repository, path, line] = confidence
    best = sorted(places, key=lambda place: (-places[place], place))[:MOST_RELATED]
    return [RelatedPlace(repository_id=repository, path=path, line=line) for repository, path, line in best]


async def _ask(docgen: DocgenClient, snapshot: str, asked: RelationQuestion) -> GraphRead | None:
    params = {"level": "symbol", "focus": asked.name, "direction": _DIRECTIONS[asked.relation]}
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            return await docgen.get_graph(snapshot, params)
    except TimeoutError:
        _log.info("the call graph is not ready yet", snapshot=snapshot)
    except CodeMuseError as error:
        if error.status != 404:
            _log.warning("search without the call graph", reason=error.message)
    return None


def _places(graph: GraphRead, relation: Relation) -> dict[tuple[str, int], float]:
    """Where the name is used, or where what it uses is defined; with the confidence of the link."""
    nodes = {node.id: node for node in graph.nodes}
    places: dict[tuple[str, int], float] = {}
    for edge in graph.edges:
        source, target = nodes.get(edge.source), nodes.get(edge.target)
        if source is None or target is None:
            continue
        node, line = (source, edge.line) if relation is Relation.CALLERS else (target, target.start_line)
        focus = target if relation is Relation.CALLERS else source
        if focus.distance == 0 and node.path and line:
            place = (node.path, line)
            places[place] = max(places.get(place, 0.0), edge.confidence)
    return places

"""Conditions in the embedded engine's terms."""

from collections.abc import Sequence
from typing import Any

import qdrant_edge as edge

from rag_server.core.points import RepositoryKey, Snapshot
from rag_server.core.store import EVERYTHING, Where


def visible_to(snapshots: Sequence[Snapshot], narrow: Where) -> edge.Filter:
    """What readers of the snapshots see. The engine is fastest when generations exclude instead of include."""
    allowed: list[Any] = [
        edge.Filter(
            must=[edge.FieldCondition("owner", match=edge.MatchValue(snapshot.key.owner))],
            must_not=[
                edge.FieldCondition("first_generation", range=edge.RangeFloat(gt=snapshot.generation)),
                edge.FieldCondition("last_generation", range=edge.RangeFloat(lt=snapshot.generation)),
            ],
        )
        for snapshot in snapshots
    ]
    if len(allowed) == 1 and narrow == EVERYTHING:
        only: edge.Filter = allowed[0]
        return only
    return edge.Filter(must=[*conditions_of(narrow), edge.Filter(should=allowed)])


def hidden_from(snapshot: Snapshot) -> edge.Filter:
    """Chunks of the repository that readers of the snapshot do not see."""
    return edge.Filter(
        must=[
            edge.FieldCondition("owner", match=edge.MatchValue(snapshot.key.owner)),
            edge.Filter(
                should=[
                    edge.FieldCondition("first_generation", range=edge.RangeFloat(gt=snapshot.generation)),
                    edge.FieldCondition("last_generation", range=edge.RangeFloat(lt=snapshot.generation)),
                ]
            ),
        ]
    )


def narrowed(condition: edge.Filter, narrow: Where) -> edge.Filter:
    """Both: the condition, and what a caller narrows it to."""
    return condition if narrow == EVERYTHING else edge.Filter(must=[*conditions_of(narrow), condition])


def owned_by_any(snapshots: Sequence[Snapshot]) -> edge.Filter:
    """Points of the repositories of these snapshots, in any generation."""
    return matching(Where(among={"owner": sorted({snapshot.key.owner for snapshot in snapshots})}))


def owned_by(key: RepositoryKey, where: Where) -> edge.Filter:
    """Points of one repository that meet the conditions."""
    return edge.Filter(must=[edge.FieldCondition("owner", match=edge.MatchValue(key.owner)), *conditions_of(where)])


def owned_points(key: RepositoryKey, chunk_ids: Sequence[str]) -> edge.Filter:
    """Points by id, as far as they belong to the repository."""
    owner = edge.FieldCondition("owner", match=edge.MatchValue(key.owner))
    return edge.Filter(must=[edge.HasIdCondition(set(chunk_ids)), owner])


def matching(where: Where) -> edge.Filter:
    """Points that meet the conditions, whoever owns them."""
    return edge.Filter(must=conditions_of(where))


def conditions_of(where: Where) -> list[Any]:
    """The engine's conditions for ours."""
    return [
        *(edge.FieldCondition(name, match=edge.MatchValue(value)) for name, value in where.equal.items()),
        *(edge.FieldCondition(name, match=edge.MatchAny(list(values))) for name, values in where.among.items()),
        *(edge.FieldCondition(name, range=edge.RangeFloat(lte=value)) for name, value in where.at_most.items()),
        *(edge.FieldCondition(name, range=edge.RangeFloat(gte=value)) for name, value in where.at_least.items()),
    ]

"""Reads many points of the embedded engine, page by page."""

from collections.abc import Iterator
from typing import Any

import qdrant_edge as edge

from rag_server.core.edge_filters import matching
from rag_server.core.store import VectorName, Where
from rag_server.core.term_file import TermFile
from rag_server.core.term_statistics import TermStatistics

PAGE = 2_000


def scroll(
    shard: edge.EdgeShard,
    condition: edge.Filter | None,
    *,
    payload: bool | list[str],
    vectors: bool | list[str],
    limit: int | None = None,
) -> Iterator[edge.Record]:
    """Points that meet the condition, in the order of their ids, with the named parts."""
    offset = None
    left = limit
    while left is None or left > 0:
        request = edge.ScrollRequest(
            offset=offset,
            limit=PAGE if left is None else min(PAGE, left),
            filter=condition,
            with_payload=payload,
            with_vector=vectors,
        )
        records, offset = shard.scroll(request)
        yield from records
        left = None if left is None else left - len(records)
        if offset is None:
            return


def iter_terms_of(shard: edge.EdgeShard, condition: edge.Filter | None) -> Iterator[tuple[str, list[int]]]:
    """Owner and terms of each point that meets the condition."""
    for record in scroll(shard, condition, payload=["owner"], vectors=[VectorName.CODE.value]):
        vectors: Any = record.vector
        vector = vectors[VectorName.CODE.value]
        yield (record.payload or {})["owner"], list(vector.indices)


def count_terms(shard: edge.EdgeShard) -> TermStatistics:
    """The statistics of all points: some 2 s for 100,000."""
    statistics = TermStatistics()
    for owner, terms in iter_terms_of(shard, None):
        statistics.add(owner, [terms])
    return statistics


def load_terms(shard: edge.EdgeShard, file: TermFile) -> TermStatistics:
    """The statistics as they were kept, counted anew where they do not hold any more."""
    kept = file.load()
    if kept is None:
        return count_terms(shard)
    statistics, changed = kept
    for owner in changed:
        statistics.forget(owner)
        for _, terms in iter_terms_of(shard, matching(Where(equal={"owner": owner}))):
            statistics.add(owner, [terms])
    return statistics

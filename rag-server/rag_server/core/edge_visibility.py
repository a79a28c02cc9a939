"""Spares searches the look at owners and generations where it decides nothing, which is nearly always."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import qdrant_edge as edge

from rag_server.core.edge_filters import hidden_from, matching, narrowed, owned_by_any, visible_to
from rag_server.core.points import Snapshot
from rag_server.core.store import EVERYTHING, Where

REMEMBERED_COUNTS = 1_000


class Visibility:
    """Knows what a shard hides from whom, as it was counted after the last write."""

    def __init__(self, shard: edge.EdgeShard) -> None:
        self._shard = shard
        self._writers = 0
        self._counted = -1
        self._hidden: dict[Snapshot, int] = {}
        self._foreign: dict[frozenset[str], int] = {}
        self._version = 0

    @contextmanager
    def changing(self) -> Iterator[None]:
        """Around every write that points become visible or hidden by."""
        self._writers += 1
        self._version += 1
        try:
            yield
        finally:
            self._writers -= 1
            self._version += 1

    def sufficient_filter(self, snapshots: Sequence[Snapshot], narrow: Where) -> edge.Filter | None:
        """The cheapest condition that lets through only what readers of the snapshots see.

        It holds until the event loop runs something else: writes begin and end there.
        """
        if self._writers:
            return visible_to(snapshots, narrow)
        if self._counted != self._version or len(self._hidden) + len(self._foreign) > REMEMBERED_COUNTS:
            self._hidden, self._foreign, self._counted = {}, {}, self._version
        if any(self._count_hidden(snapshot) for snapshot in snapshots):
            return visible_to(snapshots, narrow)
        if self._count_foreign(snapshots):
            return narrowed(owned_by_any(snapshots), narrow)
        return matching(narrow) if narrow != EVERYTHING else None

    def _count_hidden(self, snapshot: Snapshot) -> int:
        if snapshot not in self._hidden:
            self._hidden[snapshot] = self._count(hidden_from(snapshot))
        return self._hidden[snapshot]

    def _count_foreign(self, snapshots: Sequence[Snapshot]) -> int:
        owners = frozenset(snapshot.key.owner for snapshot in snapshots)
        if owners not in self._foreign:
            everyone = self._shard.count(edge.CountRequest(exact=True))
            self._foreign[owners] = everyone - self._count(owned_by_any(snapshots))
        return self._foreign[owners]

    def _count(self, condition: edge.Filter) -> int:
        counted: int = self._shard.count(edge.CountRequest(exact=True, filter=condition))
        return counted

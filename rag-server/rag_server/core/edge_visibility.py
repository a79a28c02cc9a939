"""Spares searches the look at generations where it decides nothing, which is nearly always."""

from collections.abc import Iterator
from contextlib import contextmanager

import qdrant_edge as edge

from rag_server.core.edge_filters import hidden_from
from rag_server.core.points import Snapshot

REMEMBERED_SNAPSHOTS = 1_000


class Visibility:
    """Knows which snapshots hide nothing: all chunks of their repository are in their generation."""

    def __init__(self, shard: edge.EdgeShard) -> None:
        self._shard = shard
        self._writers = 0
        self._complete: dict[Snapshot, tuple[int, bool]] = {}
        self.version = 0
        """Goes up whenever generations of points begin or cease to change."""

    @contextmanager
    def changing(self) -> Iterator[None]:
        """Around every write that points become visible or hidden by."""
        self._writers += 1
        self.version += 1
        try:
            yield
        finally:
            self._writers -= 1
            self.version += 1

    def is_complete(self, snapshot: Snapshot) -> bool:
        """Whether it hides nothing now; counted once after each write, and not while one is under way."""
        if self._writers:
            return False
        version = self.version
        looked, complete = self._complete.get(snapshot, (-1, False))
        if looked != version:
            complete = self._shard.count(edge.CountRequest(exact=True, filter=hidden_from(snapshot))) == 0
            if len(self._complete) >= REMEMBERED_SNAPSHOTS:
                self._complete.clear()
            self._complete[snapshot] = (version, complete)
        return complete

"""Chunks that were read a moment ago: questions about the same code find the same ones again."""

from collections.abc import Mapping
from itertools import islice

from rag_server.core.points import StoredChunk


class RecentChunks(dict[str, StoredChunk]):
    """Chunks by id; the half that came first makes room for more.

    What a chunk says follows from its id and never changes. Only ``last_generation`` does: it is as it was when the chunk
    was read, which is enough for whoever the store has just said may see it.
    """

    def __init__(self, capacity: int) -> None:
        super().__init__()
        self._capacity = capacity

    def remember(self, chunks: Mapping[str, StoredChunk]) -> None:
        """Keep chunks that were read."""
        excess = len(self) + len(chunks) - self._capacity
        if excess > 0:
            for chunk_id in list(islice(self, max(len(self) // 2, excess))):
                del self[chunk_id]
        self.update(chunks)

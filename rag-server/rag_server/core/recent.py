"""Chunks that were read a moment ago: questions about the same code find the same ones again."""

import threading
from collections import OrderedDict
from collections.abc import Iterable

from rag_server.core.points import StoredChunk


class RecentChunks:
    """The chunks read last, by id, from any thread.

    What a chunk says follows from its id and never changes. Only ``last_generation`` does: it is as it was when the chunk
    was read, which is enough for whoever the store has just said may see it.
    """

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._chunks: OrderedDict[str, StoredChunk] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, chunk_ids: Iterable[str]) -> dict[str, StoredChunk | None]:
        """Each id with its chunk, or with nothing if it is not remembered."""
        with self._lock:
            found = {chunk_id: self._chunks.get(chunk_id) for chunk_id in chunk_ids}
            for chunk_id, chunk in found.items():
                if chunk is not None:
                    self._chunks.move_to_end(chunk_id)
            return found

    def put(self, chunks: Iterable[StoredChunk]) -> dict[str, StoredChunk]:
        """Remember chunks and hand them back by id; the ones not asked for longest are forgotten."""
        read = {chunk.id: chunk for chunk in chunks}
        with self._lock:
            self._chunks |= read
            while len(self._chunks) > self._capacity:
                self._chunks.popitem(last=False)
        return read

"""Encodes the terms of an index anew after an upgrade: from what it stores, without embedding anything."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from codemuse.contracts.chunks import Chunk, ChunkKind
from codemuse.logging import get_logger
from rag_server.core.disk import replace_durably
from rag_server.core.points import Point, StoredChunk
from rag_server.core.sparse import TERMS_VERSION, encode_chunk
from rag_server.core.store import VectorStore

_log = get_logger(__name__)

PAGE = 1_000


class TermsMark:
    """Remembers which version of the terms a collection holds.

    Args:
        folder: Where collections are remembered.
        collection: Which one.
    """

    def __init__(self, folder: Path, collection: str) -> None:
        self._file = folder / f"terms-of-{collection}"

    @property
    def is_current(self) -> bool:
        """Whether every point has today's terms."""
        try:
            return self._file.read_text().strip() == str(TERMS_VERSION)
        except FileNotFoundError:
            return False

    def remove(self) -> None:
        """There is no such collection any more."""
        self._file.unlink(missing_ok=True)

    def set(self) -> None:
        """All points have today's terms."""
        self._file.parent.mkdir(parents=True, exist_ok=True)
        replace_durably(self._file, str(TERMS_VERSION))


async def reencode(store: VectorStore) -> int:
    """Give every point today's terms; returns how many there are. It may be stopped and begun again anywhere."""
    following: str | None = None
    count = 0
    while True:
        points, following = await store.list_points(following, limit=PAGE)
        if points:
            await store.upsert(await asyncio.to_thread(_encoded, points))
            count += len(points)
        if following is None:
            _log.info("terms encoded anew", points=count, version=TERMS_VERSION)
            return count


def _encoded(points: Sequence[Point]) -> list[Point]:
    return [replace(point, code=encode_chunk(_chunk(point.chunk))) for point in points]


def _chunk(stored: StoredChunk) -> Chunk:
    return Chunk(
        path=stored.path,
        start_line=stored.start_line,
        end_line=stored.end_line,
        language=stored.language,
        kind=ChunkKind(stored.kind),
        symbol=stored.symbol,
        signature=stored.signature,
        defines=stored.defines,
        text=stored.text,
    )

"""Writes of a repository, to every index that has to hear of them."""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol, TypeVar

from codemuse.contracts.rag import GenerationWrite, GenerationWritten, RefineReply, RepositoryIndexRead
from codemuse.contracts.upkeep import PathsRead
from rag_server.core.errors import IndexOpening
from rag_server.core.index import Index
from rag_server.core.points import RepositoryKey, Snapshot
from rag_server.features.generations.service import GenerationService

R = TypeVar("R")


class Targets(Protocol):
    """Knows what is to be written to (``core.builds``)."""

    def writing(self, key: RepositoryKey, build_id: str | None) -> AbstractAsyncContextManager[list[Index]]:
        """The indexes that a write of a repository goes to."""
        ...


class EveryIndex:
    """Does to the index that is searched, and to the one that is built beside it, what ``GenerationService`` does to one.

    Args:
        targets: Says which.
        build_id: The one to work on; without it, all that hold the repository.
    """

    def __init__(self, targets: Targets, build_id: str | None) -> None:
        self._targets = targets
        self._build_id = build_id

    async def write(self, key: RepositoryKey, generation: int, body: GenerationWrite) -> GenerationWritten:
        """Give the named files exactly these chunks from the generation on."""
        nothing = GenerationWritten(inserted=0, kept=0, closed=0, embedded=0, reused=0)
        return await self._each(key, lambda index: index.write(key, generation, body)) or nothing

    async def refine(self, key: RepositoryKey, limit: int) -> RefineReply:
        """Give a bounded number of live chunks their transformer vectors."""
        async with self._targets.writing(key, self._build_id) as indexes:
            replies = [await GenerationService(index).refine(key, limit) for index in indexes]
        return RefineReply(
            refined=max((reply.refined for reply in replies), default=0),
            remaining=max((reply.remaining for reply in replies), default=0),
        )

    async def abort(self, key: RepositoryKey, generation: int) -> None:
        """Undo a generation that was never published."""
        await self._each(key, lambda index: index.abort(key, generation))

    async def prune(self, key: RepositoryKey, keep_from: int) -> None:
        """Forget what only generations before ``keep_from`` could see."""
        await self._each(key, lambda index: index.prune(key, keep_from))

    async def trim(self, key: RepositoryKey, generation: int) -> None:
        """Go back to a generation."""
        await self._each(key, lambda index: index.trim(key, generation))

    async def delete(self, key: RepositoryKey) -> None:
        """Remove a repository."""
        await self._each(key, lambda index: index.delete(key))

    async def read(self, snapshot: Snapshot) -> RepositoryIndexRead:
        """Counts of what a reader of the generation can find."""
        async with self._targets.writing(snapshot.key, self._build_id) as indexes:
            return await GenerationService(_first(indexes)).read(snapshot)

    async def list_paths(self, key: RepositoryKey) -> PathsRead:
        """Paths that have chunks in any generation."""
        async with self._targets.writing(key, self._build_id) as indexes:
            return await GenerationService(_first(indexes)).list_paths(key)

    async def _each(self, key: RepositoryKey, do: Callable[[GenerationService], Awaitable[R]]) -> R | None:
        """Do it to each, one after the other; what the first one answers."""
        async with self._targets.writing(key, self._build_id) as indexes:
            replies = [await do(GenerationService(index)) for index in indexes]
        return replies[0] if replies else None


def _first(indexes: Sequence[Index]) -> Index:
    """The one to read from; one that cannot be opened is none, although writes go round it."""
    if not indexes:
        raise IndexOpening
    return indexes[0]

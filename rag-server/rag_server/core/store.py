"""The port to the vector store. Two adapters implement it and pass the same tests.

Whatever reads or changes points names their owner by type: a search needs snapshots, everything else a repository or,
for reusing vectors, an organisation. Conditions of callers can only narrow that.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple, Protocol

from rag_server.core.points import Point, RepositoryKey, Snapshot, StoredChunk
from rag_server.core.sparse import SparseVector


class VectorName(StrEnum):
    """The named vectors of a point."""

    CODE = "code"
    FAST = "fast"
    DENSE = "dense"


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectionShape:
    """What a collection holds and how; where and how often is the adapter's."""

    fast_dimensions: int
    dense_dimensions: int
    quantised: bool = False
    """Whether vectors are compared as int8 first, and the best of them again as they are."""


OVERSAMPLING = 2.0
"""Of quantised vectors so many times more are found than wanted, to be compared again."""


@dataclass(frozen=True, slots=True)
class Where:
    """Conditions on payload fields; all must hold."""

    equal: Mapping[str, str | int] = field(default_factory=dict)
    among: Mapping[str, Sequence[str]] = field(default_factory=dict)
    at_most: Mapping[str, int] = field(default_factory=dict)
    at_least: Mapping[str, int] = field(default_factory=dict)


EVERYTHING = Where()


@dataclass(frozen=True, slots=True)
class Probe:
    """One nearest-neighbour question."""

    name: VectorName
    vector: SparseVector | list[float]


class Scored(NamedTuple):
    """A chunk that a probe found, not read yet: of some hundred and fifty that a question finds, most are not worth it."""

    chunk_id: str
    score: float


@dataclass(frozen=True, slots=True)
class StoredVectors:
    """The vectors of a text, as far as the store has them."""

    fast: list[float] | None
    dense: list[float] | None


class VectorStore(Protocol):
    """Points of all organisations under one pair of models."""

    async def upsert(self, points: Sequence[Point]) -> None:
        """Insert points, or replace those of the same id."""
        ...

    async def search(
        self, snapshots: Sequence[Snapshot], probes: Sequence[Probe], *, limit: int, narrow: Where = EVERYTHING
    ) -> list[list[Scored]]:
        """Answer each probe with the best visible points; no snapshots, no points."""
        ...

    async def read_chunks(self, snapshots: Sequence[Snapshot], chunk_ids: Sequence[str]) -> dict[str, StoredChunk]:
        """Chunks, by id, that a search of these snapshots found; without those that were deleted meanwhile."""
        ...

    async def find(self, snapshots: Sequence[Snapshot], chunk_id: str) -> Point | None:
        """A visible point with its vectors."""
        ...

    async def list_chunks(self, key: RepositoryKey, where: Where, *, limit: int | None = None) -> list[StoredChunk]:
        """Chunks of a repository in any order."""
        ...

    async def list_paths(self, keys: Sequence[RepositoryKey], *, limit: int) -> list[str]:
        """Paths that chunks of these repositories have in any generation."""
        ...

    async def count(self, snapshot: Snapshot, where: Where = EVERYTHING) -> int:
        """How many chunks a reader of the snapshot could find."""
        ...

    async def find_vectors(self, organisation_id: str, text_hashes: Sequence[str]) -> dict[str, StoredVectors]:
        """Vectors that the organisation has already, by text hash."""
        ...

    async def set_dense(self, key: RepositoryKey, vectors: Mapping[str, list[float]]) -> None:
        """Give chunks, by id, their transformer vectors."""
        ...

    async def set_last_generation(self, key: RepositoryKey, chunk_ids: Sequence[str], generation: int) -> None:
        """Close chunks, or open them again."""
        ...

    async def delete(self, key: RepositoryKey, where: Where = EVERYTHING) -> None:
        """Remove chunks of a repository."""
        ...

    async def delete_chunks(self, key: RepositoryKey, chunk_ids: Sequence[str]) -> None:
        """Remove chunks by id."""
        ...

    async def list_points(self, after: str | None, *, limit: int) -> tuple[list[Point], str | None]:
        """A page of all points of all organisations, and where the next one begins; for the upkeep of the index itself."""
        ...

    async def list_owners(self) -> dict[RepositoryKey, int]:
        """Every repository that has chunks in any generation, and how many; for the upkeep of the index itself."""
        ...

    async def save_copy(self, folder: Path) -> None:
        """Write everything, as it is at one moment, into a folder that is not there yet."""
        ...

    async def check(self) -> None:
        """Raise when the store cannot be used."""
        ...


INTEGER_FIELDS = ("first_generation", "last_generation", "refined")
KEYWORD_FIELDS = ("owner", "organisation_id", "path", "folders", "language", "kind", "text_hash")
"""Payload fields that have an index in the store."""

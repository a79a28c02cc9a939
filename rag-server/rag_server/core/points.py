"""What the index holds: chunks with their versions and vectors, and who may see them."""

import hashlib
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from operator import itemgetter
from pathlib import PurePosixPath
from typing import Any, NamedTuple, Self

from codemuse.contracts.chunks import Chunk
from rag_server.core.sparse import SparseVector

OPEN = 2**31 - 1
"""``last_generation`` of what is still there."""

_NAMESPACE = uuid.UUID("6b0d6c0e-3f0c-5a86-9d4e-0c0de0c0de00")


@dataclass(frozen=True, slots=True)
class RepositoryKey:
    """One repository of one organisation: the owner of points."""

    organisation_id: str
    repository_id: str

    @property
    def owner(self) -> str:
        """Both ids as one value, so that one condition holds a reader to both."""
        return f"{self.organisation_id}/{self.repository_id}"

    @classmethod
    @lru_cache(maxsize=4_096)
    def of_owner(cls, owner: str) -> Self:
        """The key that was written as one value; ids hold no slash."""
        organisation_id, _, repository_id = owner.partition("/")
        return cls(organisation_id, repository_id)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A repository as it stood in one generation."""

    key: RepositoryKey
    generation: int


class StoredChunk(NamedTuple):
    """A chunk and its place in the versions of its repository."""

    id: str
    key: RepositoryKey
    first_generation: int
    last_generation: int
    commit: str
    path: str
    start_line: int
    end_line: int
    language: str
    kind: str
    symbol: str | None
    signature: str | None
    defines: list[str]
    text: str
    text_hash: str

    @classmethod
    def of(cls, chunk: Chunk, key: RepositoryKey, *, generation: int, commit: str) -> Self:
        """A chunk that appears in a generation. Its id follows from what it is, so that writing it twice is harmless."""
        text_hash = hash_text(embedded_text(chunk.symbol, chunk.signature, chunk.text))
        identity = f"{key.owner}\n{generation}\n{chunk.path}\n{chunk.start_line}-{chunk.end_line}\n{text_hash}"
        return cls(
            id=str(uuid.uuid5(_NAMESPACE, identity)),
            key=key,
            first_generation=generation,
            last_generation=OPEN,
            commit=commit,
            path=chunk.path,
            start_line=chunk.start_line,
            end_line=chunk.end_line,
            language=chunk.language,
            kind=chunk.kind.value,
            symbol=chunk.symbol,
            signature=chunk.signature,
            defines=chunk.defines,
            text=chunk.text,
            text_hash=text_hash,
        )

    @property
    def identity(self) -> tuple[str, int, int, str]:
        """What makes it the same chunk in two generations. The hash covers text and symbol."""
        return (self.path, self.start_line, self.end_line, self.text_hash)

    def payload(self) -> dict[str, Any]:
        """The fields as the store keeps them."""
        return {
            "owner": self.key.owner,
            "organisation_id": self.key.organisation_id,
            "repository_id": self.key.repository_id,
            "first_generation": self.first_generation,
            "last_generation": self.last_generation,
            "commit": self.commit,
            "path": self.path,
            "folders": list(folders_of(self.path)),
            "start_line": self.start_line,
            "end_line": self.end_line,
            "language": self.language,
            "kind": self.kind,
            "symbol": self.symbol,
            "signature": self.signature,
            "defines": self.defines,
            "text": self.text,
            "text_hash": self.text_hash,
        }

    @classmethod
    def from_payload(cls, point_id: object, payload: Mapping[str, Any]) -> Self:
        """The chunk that was stored as this payload."""
        return cls(str(point_id), RepositoryKey.of_owner(payload["owner"]), *_after_key(payload))


_after_key = itemgetter(*StoredChunk._fields[2:])


@dataclass(frozen=True, slots=True)
class Point:
    """A chunk with its vectors. The transformer's may come later."""

    chunk: StoredChunk
    code: SparseVector
    fast: list[float]
    """Empty while the model that made the collection's vectors is not served any more."""
    dense: list[float] | None = None


def embedded_text(symbol: str | None, signature: str | None, text: str) -> str:
    """What the models read. It must not name the file: a moved chunk keeps its vectors. Requests may not hold NUL."""
    return "\n".join(part for part in (symbol, signature, text) if part).replace("\x00", " ")


def hash_text(text: str) -> str:
    """Equal for texts that have equal vectors."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]


@lru_cache(maxsize=4_096)
def folders_of(path: str) -> tuple[str, ...]:
    """A path and all folders above it: what a path filter may name."""
    pure = PurePosixPath(path)
    return tuple(str(parent) for parent in (pure, *pure.parents) if str(parent) not in {".", "/"})

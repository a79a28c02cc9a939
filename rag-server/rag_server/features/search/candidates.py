"""What the retrievers found, chunk by chunk and file by file, on its way up or down."""

import heapq
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from rag_server.core.points import StoredChunk
from rag_server.core.store import Scored, VectorName
from rag_server.features.search.places import Place, place_of
from rag_server.features.search.weights import Weights


class Verdict(NamedTuple):
    """What one retriever says of a chunk."""

    rank: int
    """From 1."""
    score: float
    """Its own."""
    share: float
    """Of its best score."""


Verdicts = Mapping[str, Mapping[VectorName, Verdict]]
"""By the id of the chunk, then by retriever."""


class Candidate:
    """A chunk, what each retriever said of it, and what the rules did to it."""

    __slots__ = ("chunk", "file", "found", "related", "rerank", "score", "spread", "symbol", "verbatim")

    def __init__(self, chunk: StoredChunk, file: "RankedFile") -> None:
        self.chunk = chunk
        self.file = file
        self.found: Mapping[VectorName, Verdict] = {}
        self.related = 0.0
        self.rerank = 1.0
        self.symbol = 0.0
        self.verbatim = 0.0
        self.spread = 1.0
        self.score = 0.0


class RankedFile:
    """A file of which something was found."""

    __slots__ = ("evidence", "factor", "factors", "folder", "members", "name", "place")

    def __init__(self, path: str) -> None:
        self.place: Place = place_of(path)
        self.members: list[Candidate] = []
        self.name = 0.0
        self.folder = 0.0
        self.evidence = 0.0
        self.factors: list[tuple[str, float]] = []
        self.factor = 1.0


class Gathered:
    """One candidate a chunk and one entry a file."""

    def __init__(self) -> None:
        self._candidates: dict[str, Candidate] = {}
        self._files: dict[tuple[str, str], RankedFile] = {}

    @property
    def candidates(self) -> list[Candidate]:
        """In the order they came."""
        return list(self._candidates.values())

    @property
    def files(self) -> list[RankedFile]:
        """Every file that one of them lies in."""
        return list(self._files.values())

    def add(self, chunk: StoredChunk) -> Candidate:
        """The candidate of a chunk."""
        candidate = self._candidates.get(chunk.id)
        if candidate is None:
            place = (chunk.key.repository_id, chunk.path)
            file = self._files.get(place)
            if file is None:
                file = self._files[place] = RankedFile(chunk.path)
            candidate = self._candidates[chunk.id] = Candidate(chunk, file)
            file.members.append(candidate)
        return candidate


def gather(chunks: Iterable[StoredChunk], verdicts: Verdicts) -> Gathered:
    """What the retrievers found, as far as it was read."""
    gathered = Gathered()
    for chunk in chunks:
        gathered.add(chunk).found = verdicts[chunk.id]
    return gathered


def judge(found: Mapping[VectorName, Sequence[Scored]]) -> Verdicts:
    """What the retrievers say of each chunk, with scores brought to 0..1."""
    verdicts: dict[str, dict[VectorName, Verdict]] = {}
    for name, scored in found.items():
        shares = scaled([item.score for item in scored], name)
        for rank, (item, share) in enumerate(zip(scored, shares, strict=True), 1):
            verdicts.setdefault(item.chunk_id, {})[name] = Verdict(rank, item.score, share)
    return verdicts


def leading(verdicts: Verdicts, weights: Weights, most: int) -> list[str]:
    """The chunks that the retrievers together think best."""
    if len(verdicts) <= most:
        return list(verdicts)
    return heapq.nlargest(most, verdicts, key=lambda chunk_id: fused(verdicts[chunk_id], weights))


def fused(said: Mapping[VectorName, Verdict], weights: Weights) -> float:
    """What the retrievers together give a chunk."""
    return sum(weights.of_retriever(name) * verdict.share for name, verdict in said.items())


def scaled(scores: Sequence[float], name: VectorName) -> list[float]:
    """Scores as shares of the best one; cosines first lose what even the worst has, for it says nothing."""
    if not scores:
        return []
    floor = 0.0 if name is VectorName.CODE else min(scores)
    best = max(scores) - floor
    return [(score - floor) / best for score in scores] if best > 0 else [1.0] * len(scores)

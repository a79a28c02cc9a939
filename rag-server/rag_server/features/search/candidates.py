"""What the retrievers found, chunk by chunk and file by file, on its way up or down."""

from collections.abc import Mapping, Sequence

from rag_server.core.points import StoredChunk
from rag_server.core.store import Scored, VectorName
from rag_server.features.search.places import Place, place_of


class Candidate:
    """A chunk, what each retriever said of it, and what the rules did to it."""

    __slots__ = ("chunk", "file", "found", "related", "rerank", "score", "spread", "symbol", "verbatim")

    def __init__(self, chunk: StoredChunk, file: "RankedFile") -> None:
        self.chunk = chunk
        self.file = file
        self.found: dict[VectorName, tuple[int, float, float]] = {}
        """By retriever: rank from 1, its own score, and the score as a share of its best."""
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


Found = Mapping[VectorName, Sequence[Scored]]


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


def gather(found: Found) -> Gathered:
    """What the retrievers found, with scores brought to 0..1."""
    gathered = Gathered()
    for name, scored in found.items():
        shares = scaled([item.score for item in scored], name)
        for rank, (item, share) in enumerate(zip(scored, shares, strict=True), 1):
            gathered.add(item.chunk).found[name] = (rank, item.score, share)
    return gathered


def scaled(scores: Sequence[float], name: VectorName) -> list[float]:
    """Scores as shares of the best one; cosines first lose what even the worst has, for it says nothing."""
    if not scores:
        return []
    floor = 0.0 if name is VectorName.CODE else min(scores)
    best = max(scores) - floor
    return [(score - floor) / best for score in scores] if best > 0 else [1.0] * len(scores)

"""Fuses what the retrievers found into one ranking, by small rules of one function each.

Scores of the retrievers are brought to 0..1 and added up; rules then add evidence that retrievers cannot see, multiply
penalties, and spread the first places over files. The weights were measured with the repository's evaluation set; the
ablation table is in the README.
"""

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from rag_server.core.points import StoredChunk
from rag_server.core.store import Scored, VectorName
from rag_server.features.search.places import (
    folder_terms,
    is_doorway,
    is_example,
    is_generated,
    is_legacy,
    is_test,
    stem_terms,
)
from rag_server.features.search.query import Question


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """How much each rule counts. A weight of 0, or a factor of 1, switches a rule off."""

    keyword: float = 1.0
    fast: float = 0.35
    dense: float = 0.7
    exact_symbol: float = 0.7
    file_name: float = 1.3
    folder: float = 0.2
    file_evidence: float = 0.9
    test_factor: float = 0.4
    example_factor: float = 0.6
    generated_factor: float = 0.5
    legacy_factor: float = 0.8
    doorway_factor: float = 0.6
    repeat_factor: float = 0.5
    """For each earlier chunk of the same file."""


@dataclass(slots=True)
class Candidate:
    """A chunk on its way up or down."""

    chunk: StoredChunk
    scores: dict[VectorName, float] = field(default_factory=dict)
    score: float = 0.0
    matched: list[str] = field(default_factory=list)
    file: tuple[str, str] = field(init=False)
    """Repository and path; a search stays within one organisation."""

    def __post_init__(self) -> None:
        self.file = (self.chunk.key.repository_id, self.chunk.path)


DEFAULT = Weights()
MOST_OF_A_FILE = 3
FIRST_PLACES = 10
EVIDENCE_CHUNKS = 4
_LABELS = {VectorName.CODE: "keyword", VectorName.FAST: "fast", VectorName.DENSE: "dense"}


def rank(
    question: Question, found: Mapping[VectorName, Sequence[Scored]], weights: Weights = DEFAULT
) -> list[Candidate]:
    """Order everything that was found, best first."""
    candidates = list(gather(found).values())
    for candidate in candidates:
        candidate.score = fused_score(candidate, weights)
        candidate.score += symbol_evidence(question, candidate, weights)
        candidate.score += path_evidence(question, candidate, weights)
    add_file_evidence(candidates, weights)
    for candidate in candidates:
        candidate.score *= place_factor(question, candidate.chunk.path, weights)
    return spread_over_files(candidates, weights)


def gather(found: Mapping[VectorName, Sequence[Scored]]) -> dict[str, Candidate]:
    """One candidate a chunk, with its score from each retriever brought to 0..1."""
    candidates: dict[str, Candidate] = {}
    for name, scored in found.items():
        for item, score in zip(scored, scaled([item.score for item in scored], name), strict=True):
            candidate = candidates.get(item.chunk.id)
            if candidate is None:
                candidate = candidates[item.chunk.id] = Candidate(item.chunk)
            candidate.scores[name] = score
            candidate.matched.append(_LABELS[name])
    return candidates


def scaled(scores: Sequence[float], name: VectorName) -> list[float]:
    """Scores as shares of the best one; cosines first lose what even the worst has, for it says nothing."""
    if not scores:
        return []
    floor = 0.0 if name is VectorName.CODE else min(scores)
    best = max(scores) - floor
    return [(score - floor) / best if best > 0 else 1.0 for score in scores]


def fused_score(candidate: Candidate, weights: Weights) -> float:
    """Weighted sum over the retrievers; one that did not find the chunk adds nothing."""
    share = {VectorName.CODE: weights.keyword, VectorName.FAST: weights.fast, VectorName.DENSE: weights.dense}
    return sum(share[name] * score for name, score in candidate.scores.items())


def symbol_evidence(question: Question, candidate: Candidate, weights: Weights) -> float:
    """A definition of what was named beats its uses."""
    if not question.symbols:
        return 0.0
    chunk = candidate.chunk
    names = {name.lower() for name in chunk.defines}
    if chunk.symbol:
        names.add(chunk.symbol.rpartition(".")[2].lower())
    if not question.symbols & names:
        return 0.0
    candidate.matched.append("symbol")
    return weights.exact_symbol


def path_evidence(question: Question, candidate: Candidate, weights: Weights) -> float:
    """A file that is named after what is asked for is a good place to look."""
    name = covered(question.terms, stem_terms(candidate.chunk.path))
    if name > 0:
        candidate.matched.append("path")
    return weights.file_name * name + weights.folder * covered(question.terms, folder_terms(candidate.chunk.path))


def covered(asked: frozenset[str], given: frozenset[str]) -> float:
    """Share of overlap, as the geometric mean of both directions: 1 when the sets are equal."""
    if not asked or not given:
        return 0.0
    common = len(asked & given)
    return common / math.sqrt(len(asked) * len(given))


def add_file_evidence(candidates: Sequence[Candidate], weights: Weights) -> None:
    """Several good chunks in one file support each other; counted by the best few, so that long files win nothing."""
    by_file: dict[tuple[str, str], list[Candidate]] = defaultdict(list)
    for candidate in candidates:
        by_file[candidate.file].append(candidate)
    totals = {
        file: sum(sorted((c.score for c in members), reverse=True)[:EVIDENCE_CHUNKS])
        for file, members in by_file.items()
    }
    best = max(totals.values(), default=0.0)
    if best <= 0:
        return
    for file, members in by_file.items():
        for candidate in members:
            candidate.score += weights.file_evidence * totals[file] / best


def place_factor(question: Question, path: str, weights: Weights) -> float:
    """How much less a file counts for where it lies, unless it was asked for."""
    factor = 1.0
    if is_test(path) and not question.wants_tests:
        factor *= weights.test_factor
    if is_example(path) and not question.wants_examples:
        factor *= weights.example_factor
    if is_generated(path):
        factor *= weights.generated_factor
    if is_legacy(path):
        factor *= weights.legacy_factor
    if is_doorway(path):
        factor *= weights.doorway_factor
    return factor


def spread_over_files(candidates: Sequence[Candidate], weights: Weights) -> list[Candidate]:
    """Order by score, each further chunk of a file counting less, and at most three of a file in the first ten."""
    seen: dict[tuple[str, str], int] = defaultdict(int)
    for candidate in sorted(candidates, key=_order):
        file = candidate.file
        candidate.score *= weights.repeat_factor ** seen[file]
        seen[file] += 1
    first: list[Candidate] = []
    later: list[Candidate] = []
    taken: dict[tuple[str, str], int] = defaultdict(int)
    for candidate in sorted(candidates, key=_order):
        file = candidate.file
        crowded = taken[file] >= MOST_OF_A_FILE and len(first) < FIRST_PLACES
        (later if crowded else first).append(candidate)
        taken[file] += 1
    return [*first[:FIRST_PLACES], *sorted([*first[FIRST_PLACES:], *later], key=_order)]


def _order(candidate: Candidate) -> tuple[float, str, int]:
    """Best first; ties in a fixed order, so that the same question has the same answer."""
    return (-candidate.score, candidate.chunk.path, candidate.chunk.start_line)

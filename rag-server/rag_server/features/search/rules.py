"""The rules of the ranking: what retrievers cannot see. Each is one function and has its own weight."""

import heapq
import math
from collections import Counter
from collections.abc import Mapping, Sequence

from rag_server.core.points import StoredChunk
from rag_server.features.search.candidates import Candidate, Gathered, RankedFile
from rag_server.features.search.places import Place
from rag_server.features.search.query import Question
from rag_server.features.search.weights import Weights

EVIDENCE_CHUNKS = 4
VERBATIM_CANDIDATES = 20
PROSE = "text"


def symbol_evidence(question: Question, chunk: StoredChunk, weights: Weights) -> float:
    """A definition of what was named beats its uses."""
    if question.symbols.isdisjoint(defined_names(chunk)):
        return 0.0
    return weights.symbol_alone if question.is_name else weights.symbol


def add_related(gathered: Gathered, related: Sequence[StoredChunk], weights: Weights) -> None:
    """Who calls what was named is known from the code; retrievers only see that both mention it."""
    if weights.related:
        for chunk in related:
            gathered.add(chunk).related = weights.related


def add_verbatim(question: Question, candidates: Sequence[Candidate], weights: Weights) -> None:
    """Where the very words of the question stand, they were most likely copied from; looked at among the best."""
    if not question.phrase or not weights.verbatim:
        return
    for candidate in heapq.nlargest(VERBATIM_CANDIDATES, candidates, key=lambda one: one.score):
        if question.phrase in " ".join(candidate.chunk.text.lower().split()):
            candidate.verbatim = weights.verbatim
            candidate.score += weights.verbatim


def defined_names(chunk: StoredChunk) -> set[str]:
    """Names of what a chunk defines or is part of, in lower case."""
    names = {name.lower() for name in chunk.defines}
    if chunk.symbol:
        names.add(chunk.symbol.rpartition(".")[2].lower())
    return names


def part_rarity(question: Question, files: Sequence[RankedFile]) -> dict[str, float]:
    """How much each part of the question tells files apart by their names: what every file is called after tells nothing."""
    named = Counter(part for file in files for part in file.place.name_parts if part in question.parts)
    return {part: math.log(1 + len(files) / max(named[part], 1)) for part in question.parts}


def name_evidence(question: Question, place: Place, rarity: Mapping[str, float], weights: Weights) -> float:
    """A file that is named after what is asked for is a good place to look: 1 where both say the same."""
    if question.is_name and place.name in question.symbols:
        return weights.file_name
    common = place.name_parts & question.parts
    if not common:
        return 0.0
    asked = sum(rarity.values())
    shared = sum(rarity[part] for part in common)
    given = shared + (len(place.name_parts) - len(common)) * asked / len(rarity)
    return weights.file_name * shared / math.sqrt(given * asked)


def folder_evidence(question: Question, place: Place, weights: Weights) -> float:
    """So are the folders above it, a little."""
    common = len(place.folder_parts & question.parts)
    if not common:
        return 0.0
    return weights.folder * common / math.sqrt(len(place.folder_parts) * len(question.parts))


def add_file_evidence(files: Sequence[RankedFile], weights: Weights) -> None:
    """Good chunks of one file support each other; counted by the best few, so that long files win nothing."""
    totals = [sum(sorted((member.score for member in file.members), reverse=True)[:EVIDENCE_CHUNKS]) for file in files]
    best = max(totals, default=0.0)
    if best > 0:
        for file, total in zip(files, totals, strict=True):
            file.evidence = weights.file_evidence * total / best


def place_factors(question: Question, place: Place, weights: Weights) -> list[tuple[str, float]]:
    """How much less a file counts for where it lies, unless that was asked for."""
    rules = (
        ("tests", place.is_test and not question.wants_tests, weights.tests),
        ("examples", place.is_example and not question.wants_examples, weights.examples),
        ("generated", place.is_generated, weights.generated),
        ("legacy", place.is_legacy, weights.legacy),
        ("doorway", place.is_doorway, weights.doorway),
    )
    return [(name, factor) for name, applies, factor in rules if applies and factor != 1]


def prose_factor(question: Question, chunk: StoredChunk, weights: Weights) -> float:
    """Documents tell of the code and often sound more like the question than the code itself, which is what is wanted."""
    return weights.documents if chunk.kind == PROSE and not question.wants_documents else 1.0


def spread_over_files(candidates: Sequence[Candidate], weights: Weights) -> list[Candidate]:
    """Order by score, each further chunk of a file counting less."""
    seen: Counter[int] = Counter()
    for candidate in sorted(candidates, key=order):
        file = id(candidate.file)
        candidate.spread = weights.spread ** seen[file]
        candidate.score *= candidate.spread
        seen[file] += 1
    return sorted(candidates, key=order)


def order(candidate: Candidate) -> tuple[float, str, int]:
    """Best first; ties in a fixed order, so that the same question has the same answer."""
    return (-candidate.score, candidate.chunk.path, candidate.chunk.start_line)

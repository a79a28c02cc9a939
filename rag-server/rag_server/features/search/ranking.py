"""Fuses what the retrievers found into one ranking.

Scores of the retrievers are brought to 0..1 and added up; rules then add evidence that retrievers cannot see, multiply
penalties, and spread the first places over files.
"""

from collections.abc import Iterable, Sequence

from rag_server.core.points import StoredChunk
from rag_server.features.search.candidates import Candidate, Verdicts, fused, gather
from rag_server.features.search.query import Question
from rag_server.features.search.rules import (
    add_file_evidence,
    add_related,
    add_verbatim,
    folder_evidence,
    name_evidence,
    part_rarity,
    place_factors,
    prose_factor,
    spread_over_files,
    symbol_evidence,
)
from rag_server.features.search.weights import DEFAULT, Weights


def rank(
    question: Question,
    chunks: Iterable[StoredChunk],
    verdicts: Verdicts,
    weights: Weights = DEFAULT,
    related: Sequence[StoredChunk] = (),
) -> list[Candidate]:
    """Order what was found, best first.

    Args:
        question: What is asked.
        chunks: What was found.
        verdicts: What the retrievers say of it.
        weights: What counts how much.
        related: Chunks that the call graph leads to from what the question names.
    """
    gathered = gather(chunks, verdicts)
    add_related(gathered, related, weights)
    candidates, files = gathered.candidates, gathered.files
    rarity = part_rarity(question, files)
    for file in files:
        file.name = name_evidence(question, file.place, rarity, weights)
        file.folder = folder_evidence(question, file.place, weights)
        file.factors = place_factors(question, file.place, weights)
        for _, factor in file.factors:
            file.factor *= factor
    for candidate in candidates:
        if question.symbols:
            candidate.symbol = symbol_evidence(question, candidate.chunk, weights)
        file = candidate.file
        candidate.score = (
            file.name + file.folder + candidate.symbol + candidate.related + fused(candidate.found, weights)
        )
    add_verbatim(question, candidates, weights)
    add_file_evidence(files, weights)
    for candidate in candidates:
        file = candidate.file
        candidate.score = (
            (candidate.score + file.evidence) * file.factor * prose_factor(question, candidate.chunk, weights)
        )
    return spread_over_files(candidates, weights)

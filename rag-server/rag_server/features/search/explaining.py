"""Turns what the ranking did into what a reader of results is told."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from codemuse.contracts.rag import HitExplanation, RetrieverRead, RuleRead, SearchHit, Signal
from rag_server.core.store import VectorName
from rag_server.features.search.candidates import Candidate
from rag_server.features.search.query import Question
from rag_server.features.search.rules import prose_factor
from rag_server.features.search.weights import Weights

SIGNALS = {VectorName.CODE: Signal.KEYWORD, VectorName.FAST: Signal.FAST, VectorName.DENSE: Signal.DENSE}


class Stopwatch:
    """Measures the stages of one search; stages that run side by side are measured each on its own."""

    def __init__(self) -> None:
        self._began = time.perf_counter()
        self.stages: dict[str, float] = {}

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Add the time that the block takes to a stage."""
        began = time.perf_counter()
        try:
            yield
        finally:
            self.stages[name] = round(self.stages.get(name, 0.0) + (time.perf_counter() - began) * 1000, 3)

    def total_ms(self) -> float:
        """Milliseconds since the search began."""
        return round((time.perf_counter() - self._began) * 1000, 2)


def read_hit(candidate: Candidate, commit: str, explanation: HitExplanation | None = None) -> SearchHit:
    """A candidate as callers get it."""
    chunk = candidate.chunk
    matched = [SIGNALS[name].value for name in candidate.found]
    if candidate.related:
        matched.append("graph")
    if candidate.symbol:
        matched.append("symbol")
    if candidate.file.name:
        matched.append("path")
    return SearchHit(
        chunk_id=chunk.id,
        repository_id=chunk.key.repository_id,
        commit=commit or chunk.commit,
        path=chunk.path,
        start_line=chunk.start_line,
        end_line=chunk.end_line,
        language=chunk.language,
        kind=chunk.kind,
        symbol=chunk.symbol,
        text=chunk.text,
        score=round(candidate.score, 4),
        matched=matched,
        explanation=explanation,
    )


def explain(candidate: Candidate, question: Question, weights: Weights) -> HitExplanation:
    """Everything that made up a candidate's score."""
    file = candidate.file
    retrievers = [
        RetrieverRead(
            name=SIGNALS[name],
            rank=said.rank,
            score=round(said.score, 4),
            share=round(weights.of_retriever(name) * said.share, 4),
        )
        for name, said in candidate.found.items()
    ]
    added = {
        Signal.SYMBOL: candidate.symbol,
        Signal.RELATED: candidate.related,
        Signal.VERBATIM: candidate.verbatim,
        Signal.FILE_NAME: file.name,
        Signal.FOLDER: file.folder,
        Signal.FILE_EVIDENCE: file.evidence,
    }
    factors = {
        **{Signal(name): factor for name, factor in file.factors},
        Signal.DOCUMENTS: prose_factor(question, candidate.chunk, weights),
        Signal.SPREAD: candidate.spread,
        Signal.RERANK: candidate.rerank,
    }
    rules = [RuleRead(name=name, added=round(share, 4)) for name, share in added.items() if share]
    rules += [RuleRead(name=name, factor=round(factor, 4)) for name, factor in factors.items() if factor != 1]
    return HitExplanation(retrievers=retrievers, rules=rules)

"""Step ``retrieve``: the passages that the answer may stand on, numbered."""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from codemuse.clients.rag import RagClient
from codemuse.contracts.chat import CitationRead
from codemuse.contracts.rag import SearchHit, SearchRequest, SearchScope
from codemuse.contracts.runs import EventType
from orchestrator.core.runs.workflow import Finished, RunView, RunWriter

MAXIMUM_SOURCES = 8
MAXIMUM_SOURCE_CHARACTERS = 24_000
"""About 6,000 tokens: room for an answer is left in a window of 8,192."""
_DAMPING = 60
_PER_QUERY = 12
_NAME_WEIGHT = 0.6


class RetrieveStep:
    """Searches for each query of the plan and merges what is found."""

    def __init__(self, rag: RagClient) -> None:
        self._rag = rag

    async def __call__(self, run: RunView, writer: RunWriter) -> Finished:
        """Search and announce the sources as citations."""
        plan = run.results["plan"]
        scopes = [SearchScope.model_validate(scope) for scope in _search_scopes(plan["scope"])]
        replies = await asyncio.gather(
            *(
                self._rag.search(
                    SearchRequest(organisation_id=run.organisation_id, scopes=scopes, query=query, limit=_PER_QUERY)
                )
                for query in plan["queries"]
            )
        )
        hits = choose([reply.results for reply in replies])
        sources = [_citation(number, hit) for number, hit in enumerate(hits, 1)]
        for source in sources:
            await writer.emit(EventType.CITATION, **source.model_dump(mode="json"))
        degraded = sorted({name for reply in replies for name in reply.degraded})
        detail = {"passages": len(sources), "took_ms": round(max(reply.took_ms for reply in replies), 1)}
        return Finished(
            {"sources": [source.model_dump(mode="json") for source in sources], "degraded": degraded}, detail
        )


def choose(rankings: Sequence[Sequence[SearchHit]]) -> list[SearchHit]:
    """Merge rankings by position (reciprocal rank fusion), drop what repeats, and stop where the budget ends."""
    scores: dict[str, float] = defaultdict(float)
    by_id: dict[str, SearchHit] = {}
    for index, ranking in enumerate(rankings):
        for position, hit in enumerate(ranking, 1):
            scores[hit.chunk_id] += (1.0 if index == 0 else _NAME_WEIGHT) / (_DAMPING + position)
            by_id.setdefault(hit.chunk_id, hit)
    chosen: list[SearchHit] = []
    room = MAXIMUM_SOURCE_CHARACTERS
    for chunk_id in sorted(scores, key=scores.__getitem__, reverse=True):
        hit = by_id[chunk_id]
        if len(hit.text) > room or any(_repeats(hit, other) for other in chosen):
            continue
        chosen.append(hit)
        room -= len(hit.text)
        if len(chosen) == MAXIMUM_SOURCES:
            break
    return chosen


def _repeats(left: SearchHit, right: SearchHit) -> bool:
    """Whether two hits share lines, or say the same in two places (a fork, a copy)."""
    same_file = left.repository_id == right.repository_id and left.path == right.path
    return left.text == right.text or (
        same_file and left.start_line <= right.end_line and right.start_line <= left.end_line
    )


def _search_scopes(scope: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{key: entry[key] for key in ("repository_id", "generation", "commit")} for entry in scope]


def _citation(number: int, hit: SearchHit) -> CitationRead:
    return CitationRead(
        id=number,
        repository_id=hit.repository_id,
        commit=hit.commit,
        path=hit.path,
        start_line=hit.start_line,
        end_line=hit.end_line,
        symbol=hit.symbol,
        language=hit.language,
        score=hit.score,
        text=hit.text,
    )

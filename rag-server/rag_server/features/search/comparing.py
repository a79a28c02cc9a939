"""What changed about something between two generations: searches what is new and what is gone, and pairs the two."""

import asyncio
from collections import defaultdict
from collections.abc import Sequence

from codemuse.contracts.rag import SearchHit, SearchRequest, SearchScope
from codemuse.contracts.versions import ChangeKind, ChangeRead, CompareReply, CompareRequest
from rag_server.core.store import Where
from rag_server.features.search.candidates import Candidate
from rag_server.features.search.explaining import Stopwatch, read_hit
from rag_server.features.search.service import SearchService

DEPTH = 100

Named = tuple[str, str | None]
"""Path and symbol: what makes two passages versions of one another."""


class ComparisonService:
    """Compares generations."""

    def __init__(self, search: SearchService) -> None:
        self._search = search

    async def compare(self, request: CompareRequest) -> CompareReply:
        """The changes that have to do with a query."""
        watch = Stopwatch()
        before, after = request.before, request.after
        is_forward = before.generation <= after.generation
        gone, new = await asyncio.gather(
            self._only_in(request, before, after, is_older=is_forward, watch=watch),
            self._only_in(request, after, before, is_older=not is_forward, watch=watch),
        )
        changes = pair(without_moved(gone[0], new[0]), without_moved(new[0], gone[0]), before, after)
        degraded = sorted({*gone[1], *new[1]})
        return CompareReply(changes=changes[: request.limit], took_ms=watch.total_ms(), degraded=degraded)

    async def _only_in(
        self, request: CompareRequest, scope: SearchScope, other: SearchScope, *, is_older: bool, watch: Stopwatch
    ) -> tuple[list[Candidate], list[str]]:
        """What readers of one generation see and readers of the other do not."""
        if is_older:
            only = Where(at_most={"last_generation": other.generation - 1})
        else:
            only = Where(at_least={"first_generation": other.generation + 1})
        asked = SearchRequest(
            organisation_id=request.organisation_id, scopes=[scope], query=request.query, limit=DEPTH, mode=request.mode
        )
        ranked = await self._search.rank(asked, watch, only)
        return ranked.candidates[:DEPTH], ranked.degraded


def without_moved(candidates: Sequence[Candidate], others: Sequence[Candidate]) -> list[Candidate]:
    """Without what stands in the same file of the other generation, only at other lines."""
    there = {(other.chunk.path, other.chunk.text_hash) for other in others}
    return [candidate for candidate in candidates if (candidate.chunk.path, candidate.chunk.text_hash) not in there]


def pair(
    gone: Sequence[Candidate], new: Sequence[Candidate], before: SearchScope, after: SearchScope
) -> list[ChangeRead]:
    """Two versions of one passage are one change; the most relevant first."""
    earlier: dict[Named, list[Candidate]] = defaultdict(list)
    for candidate in gone:
        earlier[candidate.chunk.path, candidate.chunk.symbol].append(candidate)
    changes: list[ChangeRead] = []
    for candidate in new:
        known = earlier[candidate.chunk.path, candidate.chunk.symbol]
        old = read_hit(known.pop(0), before.commit) if known else None
        changes.append(_change(old, read_hit(candidate, after.commit)))
    changes += [_change(read_hit(old, before.commit), None) for left in earlier.values() for old in left]
    return sorted(changes, key=lambda change: (-change.score, change.path, change.symbol or ""))


def _change(before: SearchHit | None, after: SearchHit | None) -> ChangeRead:
    shown = [hit for hit in (after, before) if hit is not None]
    kind = ChangeKind.CHANGED if len(shown) == 2 else ChangeKind.ADDED if after else ChangeKind.REMOVED
    score = max(hit.score for hit in shown)
    return ChangeRead(kind=kind, path=shown[0].path, symbol=shown[0].symbol, score=score, before=before, after=after)

"""The evidence for an answer: what the queries find, whole where it fits, and the definitions that it uses."""

import asyncio
import re
from collections import Counter
from collections.abc import Iterable, Sequence

from codemuse.contracts.context import ContextReply, ContextRequest, ContextSource, SourceReason
from codemuse.contracts.rag import SearchRequest
from rag_server.core.points import RepositoryKey, Snapshot, StoredChunk
from rag_server.core.sparse import encode_query
from rag_server.core.store import Probe, VectorName, VectorStore, Where
from rag_server.features.search.explaining import Stopwatch
from rag_server.features.search.packing import Pack, Passage, passage_of
from rag_server.features.search.places import place_of
from rag_server.features.search.retrieval import visible_in
from rag_server.features.search.service import Ranked, SearchService

DAMPING = 60
"""Of reciprocal rank fusion (Cormack et al., 2009)."""
FURTHER_QUERIES = 0.6
CANDIDATES = 40
"""Chunks of each query that may become sources."""
LARGEST_SHARE = 0.5
"""Of the budget: a longer definition is shown in part."""
KEPT_FOR_DEFINITIONS = 0.2
MOST_DEFINITIONS = 6
LOOKED_UP = 24
DEFINITION_DEPTH = 8
_CODE_KINDS = frozenset({"function", "method", "class"})
_USED = re.compile(r"\b([A-Za-z_]\w{3,})(?=\()|\b([A-Z]+[a-z]+[A-Z]\w*)\b")
"""What is called, and types by their capitals."""


class ContextService:
    """Packs sources for a prompt."""

    def __init__(self, search: SearchService, store: VectorStore) -> None:
        self._search = search
        self._store = store

    async def pack(self, request: ContextRequest) -> ContextReply:
        """Fill the budget, best evidence first; the same question about the same index has the same answer."""
        watch = Stopwatch()
        rankings = await asyncio.gather(*(self._rank(request, number, watch) for number in range(len(request.queries))))
        pack = Pack(request.token_budget, request.maximum_sources)
        snapshots = {
            scope.repository_id: Snapshot(RepositoryKey(request.organisation_id, scope.repository_id), scope.generation)
            for scope in request.scopes
        }
        evidence = merged([[candidate.chunk for candidate in ranked.candidates[:CANDIDATES]] for ranked in rankings])
        largest = int(request.token_budget * LARGEST_SHARE)
        reserve = int(request.token_budget * KEPT_FOR_DEFINITIONS)
        waiting: list[tuple[Passage, float]] = []
        for chunk, score in evidence:
            if pack.is_full:
                break
            passage = await self._whole(snapshots[chunk.key.repository_id], chunk, largest)
            if not pack.holds(passage) and not pack.add(passage, SourceReason.EVIDENCE, score, keep_free=reserve):
                waiting.append((passage, score))
        await self._add_definitions(request, list(snapshots.values()), pack, largest)
        pack.left_out = 0
        for passage, score in waiting:
            pack.add(passage, SourceReason.EVIDENCE, score)
        return _reply(request, pack, rankings, watch)

    async def _rank(self, request: ContextRequest, number: int, watch: Stopwatch) -> Ranked:
        asked = SearchRequest(
            organisation_id=request.organisation_id,
            scopes=request.scopes,
            query=request.queries[number],
            filters=request.filters,
            weights=request.weights,
            plain=True,
            related=request.related if number == 0 else [],
        )
        return await self._search.rank(asked, watch)

    async def _whole(self, snapshot: Snapshot, chunk: StoredChunk, largest: int) -> Passage:
        """The whole function that a chunk is a part of, if it is not too long; otherwise the chunk."""
        if chunk.kind not in _CODE_KINDS or not chunk.symbol:
            return passage_of([chunk], is_whole=True)
        where = visible_in(snapshot, Where(equal={"path": chunk.path}))
        parts = [part for part in await self._store.list_chunks(snapshot.key, where) if part.symbol == chunk.symbol]
        parts.sort(key=lambda part: part.start_line)
        run = _neighbours(parts, chunk)
        if len(run) == 1:
            return passage_of([chunk], is_whole=len(parts) == 1)
        whole = passage_of(run, is_whole=len(run) == len(parts))
        return whole if whole.tokens <= largest else passage_of([chunk], is_whole=False)

    async def _add_definitions(
        self, request: ContextRequest, snapshots: Sequence[Snapshot], pack: Pack, largest: int
    ) -> None:
        """Definitions of what the evidence uses and does not show, the most used first."""
        names = used_names([packed.passage for packed in pack.packed], " ".join(request.queries))
        if not names or pack.is_full:
            return
        probes = [Probe(VectorName.CODE, encode_query(name)) for name in names]
        results = await self._store.search(snapshots, probes, limit=DEFINITION_DEPTH)
        ids = dict.fromkeys(item.chunk_id for scored in results for item in scored)
        read = await self._store.read_chunks(snapshots, list(ids))
        added = 0
        for name, scored in zip(names, results, strict=True):
            found = (read[item.chunk_id] for item in scored if item.chunk_id in read)
            chunk = next((chunk for chunk in found if _defines(chunk, name)), None)
            if chunk is None:
                continue
            snapshot = next(one for one in snapshots if one.key == chunk.key)
            passage = await self._whole(snapshot, chunk, largest)
            added += pack.add(passage, SourceReason.DEFINITION, 0.0)
            if added == MOST_DEFINITIONS:
                return


def merged(rankings: Sequence[Sequence[StoredChunk]]) -> list[tuple[StoredChunk, float]]:
    """Rankings of several queries as one, by reciprocal ranks; the first query counts most."""
    scores: Counter[str] = Counter()
    chunks: dict[str, StoredChunk] = {}
    for number, ranking in enumerate(rankings):
        for position, chunk in enumerate(ranking, 1):
            scores[chunk.id] += (1.0 if number == 0 else FURTHER_QUERIES) / (DAMPING + position)  # type: ignore[assignment]
            chunks.setdefault(chunk.id, chunk)
    best = max(scores.values(), default=1.0)
    ordered = sorted(chunks.values(), key=lambda chunk: (-scores[chunk.id], chunk.path, chunk.start_line))
    return [(chunk, round(scores[chunk.id] / best, 4)) for chunk in ordered]


def used_names(passages: Sequence[Passage], asked: str) -> list[str]:
    """Names that passages call or mention as types and do not define: those asked about first, then the most used."""
    defined = {name for passage in passages for name in passage.defines}
    counts = Counter(name for passage in passages for name in _names_in(passage.text) if name not in defined)
    mentioned = set(_names_in(asked))
    ordered = sorted(counts, key=lambda name: (name not in mentioned, -counts[name], name))
    return ordered[:LOOKED_UP]


def _names_in(text: str) -> Iterable[str]:
    return (called or named for called, named in _USED.findall(text))


def _defines(chunk: StoredChunk, name: str) -> bool:
    return name in chunk.defines and chunk.kind in _CODE_KINDS and not place_of(chunk.path).is_test


def _neighbours(parts: Sequence[StoredChunk], chunk: StoredChunk) -> list[StoredChunk]:
    """The parts around a chunk that follow each other without another chunk between them."""
    index = next(position for position, part in enumerate(parts) if part.id == chunk.id)
    first = last = index
    while first > 0 and parts[first - 1].end_line >= parts[first].start_line - 3:
        first -= 1
    while last + 1 < len(parts) and parts[last + 1].start_line <= parts[last].end_line + 3:
        last += 1
    return list(parts[first : last + 1])


def _reply(request: ContextRequest, pack: Pack, rankings: Sequence[Ranked], watch: Stopwatch) -> ContextReply:
    commits = {scope.repository_id: scope.commit for scope in request.scopes}
    sources = [
        ContextSource(
            number=number,
            reason=packed.reason,
            repository_id=packed.passage.key.repository_id,
            commit=commits[packed.passage.key.repository_id],
            path=packed.passage.path,
            start_line=packed.passage.start_line,
            end_line=packed.passage.end_line,
            language=packed.passage.language,
            kind=packed.passage.kind,
            symbol=packed.passage.symbol,
            text=packed.passage.text,
            tokens=packed.passage.tokens,
            score=packed.score,
            is_whole=packed.passage.is_whole,
        )
        for number, packed in enumerate(pack.packed, 1)
    ]
    return ContextReply(
        sources=sources,
        tokens=sum(source.tokens for source in sources),
        token_budget=request.token_budget,
        left_out=pack.left_out,
        took_ms=watch.total_ms(),
        degraded=sorted({name for ranked in rankings for name in ranked.degraded}),
    )

"""Finds evidence: asks the retrievers side by side, fuses, and says which of them answered."""

import asyncio
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from codemuse.contracts.rag import (
    SearchExplanation,
    SearchMode,
    SearchReply,
    SearchRequest,
    SearchScope,
    Signal,
    SimilarRequest,
)
from codemuse.contracts.search_query import Field, SearchQuery, read_query
from codemuse.errors import CodeMuseError
from codemuse.glossary import for_models
from codemuse.logging import get_logger
from rag_server.core.index import Index
from rag_server.core.points import RepositoryKey, Snapshot, StoredChunk
from rag_server.core.sparse import encode_query
from rag_server.core.store import EVERYTHING, Probe, Scored, VectorName, Where
from rag_server.core.tokens import narrowed
from rag_server.features.search.candidates import Candidate, judge
from rag_server.features.search.errors import ChunkNotFound, RepositoryNotInScope
from rag_server.features.search.explaining import Stopwatch, explain, read_hit
from rag_server.features.search.filters import Narrowing, narrow
from rag_server.features.search.query import ANYTHING, Question, understand
from rag_server.features.search.ranking import rank
from rag_server.features.search.reranking import Reranking
from rag_server.features.search.retrieval import DEPTH, Retrieval, Retrieved
from rag_server.features.search.weights import DEFAULT, LIKENESS, Weights

_log = get_logger(__name__)

MODEL_RETRIEVERS = {VectorName.FAST: Signal.FAST, VectorName.DENSE: Signal.DENSE}


@dataclass(frozen=True, slots=True)
class Ranked:
    """The outcome of a search before it is written down."""

    question: Question
    weights: Weights
    candidates: list[Candidate]
    scopes: Sequence[SearchScope]
    degraded: list[str]
    incomplete: bool


class SearchService:
    """Answers questions with chunks."""

    def __init__(self, index: Index, reranking: Reranking | None = None) -> None:
        self._store = index.store
        self._embedder = index.embedder
        self._reranking = reranking

    async def search(self, request: SearchRequest) -> SearchReply:
        """The best evidence for a question within the scope.

        Raises:
            InvalidQuery: An operator of the query cannot be worked with.
            RepositoryNotInScope: The query names a repository that is not searched.
            Unavailable: A semantic search was wanted and embedding-server is away.
        """
        watch = Stopwatch()
        ranked = await self.rank(request, watch)
        return _reply(ranked, request, watch)

    async def rank(self, request: SearchRequest, watch: Stopwatch, only: Where = EVERYTHING) -> Ranked:
        """Everything that was found, best first.

        Args:
            request: What is asked.
            watch: Told how long the stages take.
            only: Narrows the search further, by generations.
        """
        with watch.stage("understand"):
            query = SearchQuery(request.query, request.query) if request.plain else read_query(request.query)
            scopes = _scopes_named(request.scopes, query)
            mode, text = _mode_and_text(request.mode, query)
            question = understand(text)
            mode = SearchMode.KEYWORD if question.is_signs else mode
            narrowing = narrow(request.filters, query, operators=mode is SearchMode.KEYWORD).within(only)
        weights = DEFAULT.changed(request.weights).without(request.without)
        snapshots = _snapshots(request.organisation_id, scopes)
        retrieval = Retrieval(self._store, snapshots, narrowing, request.limit)
        degraded: list[str] = []
        if not await self._has_paths(retrieval, narrowing, watch):
            retrieved = Retrieved()
        elif not question.parts:
            with watch.stage("scan"):
                retrieved = await retrieval.scan() if query.has_operators else Retrieved()
        else:
            # The words are looked up while the models read the question, which leaves first over a connection that is open.
            (meaning, degraded), words = await asyncio.gather(
                self._by_meaning(text, mode, request.without, retrieval, watch),
                self._by_words(question, mode, request.without, retrieval, watch),
            )
            retrieved = words.merge(meaning)
        related: Sequence[StoredChunk] = ()
        if request.related and weights.related:
            with watch.stage("find_related"):
                related = await retrieval.read_places(request.related)
        verdicts = judge(retrieved.found)
        with watch.stage("read"):
            chunks = await retrieval.read(retrieved, verdicts, weights)
        with watch.stage("rank"):
            candidates = rank(question, chunks, verdicts, weights, related)
        if self._reranking and mode is not SearchMode.KEYWORD:
            with watch.stage("rerank"):
                degraded += await self._reranking.apply(text, candidates, weights)
        return Ranked(question, weights, candidates, scopes, degraded, retrieved.incomplete)

    async def similar(self, request: SimilarRequest) -> SearchReply:
        """Chunks that look like a given one, without itself.

        Raises:
            ChunkNotFound: No such chunk within the scope.
        """
        watch = Stopwatch()
        snapshots = _snapshots(request.organisation_id, request.scopes)
        point = await self._store.find(snapshots, request.chunk_id) if _is_uuid(request.chunk_id) else None
        if point is None:
            raise ChunkNotFound(request.chunk_id)
        vectors = {VectorName.FAST: point.fast, VectorName.DENSE: point.dense}
        probes = [Probe(name, vector) for name, vector in vectors.items() if vector]
        results = await self._store.search(snapshots, probes, limit=max(DEPTH, request.limit + 1), narrow=EVERYTHING)
        found: Mapping[VectorName, Sequence[Scored]] = {
            probe.name: [item for item in scored if item.chunk_id != point.chunk.id]
            for probe, scored in zip(probes, results, strict=True)
        }
        verdicts = judge(found)
        chunks = await self._store.read_chunks(snapshots, list(verdicts))
        candidates = rank(ANYTHING, chunks.values(), verdicts, LIKENESS)[: request.limit]
        commits = {scope.repository_id: scope.commit for scope in request.scopes}
        hits = [read_hit(candidate, commits[candidate.chunk.key.repository_id]) for candidate in candidates]
        return SearchReply(results=hits, took_ms=watch.total_ms())

    @staticmethod
    async def _has_paths(retrieval: Retrieval, narrowing: Narrowing, watch: Stopwatch) -> bool:
        if narrowing.has_path is None:
            return True
        with watch.stage("find_paths"):
            return await retrieval.resolve_paths()

    async def _by_words(
        self, question: Question, mode: SearchMode, off: Sequence[Signal], retrieval: Retrieval, watch: Stopwatch
    ) -> Retrieved:
        if mode is SearchMode.SEMANTIC or Signal.KEYWORD in off:
            return Retrieved()
        await asyncio.sleep(0)  # what was sent is written by the loop
        with watch.stage("find_words"):
            return await retrieval.look_up([Probe(VectorName.CODE, encode_query(question.words))])

    async def _by_meaning(
        self, text: str, mode: SearchMode, off: Sequence[Signal], retrieval: Retrieval, watch: Stopwatch
    ) -> tuple[Retrieved, list[str]]:
        """What the models find, and which of them cannot take part."""
        wanted = [name for name, signal in MODEL_RETRIEVERS.items() if signal not in off]
        if mode is SearchMode.KEYWORD or not wanted:
            return Retrieved(), []
        try:
            with watch.stage("embed"):
                vectors = await self._embedder.embed_query(for_models(text))
        except CodeMuseError as error:
            if mode is SearchMode.SEMANTIC:
                raise
            _log.warning("search without vectors", reason=error.message)
            return Retrieved(), [MODEL_RETRIEVERS[name].value for name in wanted]
        with watch.stage("find_meaning"):
            found = await retrieval.look_up([Probe(name, vectors[name]) for name in wanted if name in vectors])
        return found, [MODEL_RETRIEVERS[name].value for name in wanted if name not in vectors]


def _mode_and_text(mode: SearchMode, query: SearchQuery) -> tuple[SearchMode, str]:
    """What is asked, and how: a query of operators alone means them; among words, only keyword search reads them all.

    Phrases and names are taken as they are written.
    """
    named = " ".join(query.filters.get(Field.SYMBOL, ()))
    if mode is SearchMode.KEYWORD or not query.words:
        return SearchMode.KEYWORD if query.has_operators else mode, " ".join(
            [narrowed(query.words), *query.phrases]
        ).strip() or named
    return mode, narrowed(query.unfiltered)


def _scopes_named(scopes: Sequence[SearchScope], query: SearchQuery) -> Sequence[SearchScope]:
    known = {scope.repository_id for scope in scopes}
    wanted = set(query.filters.get(Field.REPOSITORY, known))
    refused = set(query.refused.get(Field.REPOSITORY, ()))
    for name in sorted((wanted | refused) - known):
        raise RepositoryNotInScope(name)
    return [scope for scope in scopes if scope.repository_id in wanted - refused]


def _snapshots(organisation_id: str, scopes: Sequence[SearchScope]) -> list[Snapshot]:
    return [Snapshot(RepositoryKey(organisation_id, scope.repository_id), scope.generation) for scope in scopes]


def _reply(ranked: Ranked, request: SearchRequest, watch: Stopwatch) -> SearchReply:
    commits = {scope.repository_id: scope.commit for scope in ranked.scopes}
    hits = [
        read_hit(
            candidate,
            commits[candidate.chunk.key.repository_id],
            explain(candidate, ranked.question, ranked.weights) if request.explain else None,
        )
        for candidate in ranked.candidates[: request.limit]
    ]
    return SearchReply(
        results=hits,
        took_ms=watch.total_ms(),
        degraded=ranked.degraded,
        incomplete=ranked.incomplete,
        explanation=_explanation(ranked, watch) if request.explain else None,
    )


def _explanation(ranked: Ranked, watch: Stopwatch) -> SearchExplanation:
    return SearchExplanation(
        words=ranked.question.words,
        symbols=sorted(ranked.question.symbols),
        candidates=len(ranked.candidates),
        stages_ms=watch.stages,
    )


def _is_uuid(text: str) -> bool:
    try:
        uuid.UUID(text)
    except ValueError:
        return False
    return True

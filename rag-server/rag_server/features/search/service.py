"""Finds evidence: asks the retrievers side by side, fuses, and says which of them answered."""

import asyncio
import time
import uuid
from collections.abc import Mapping, Sequence

from codemuse.contracts.rag import SearchHit, SearchMode, SearchReply, SearchRequest, SearchScope, SimilarRequest
from codemuse.errors import CodeMuseError
from codemuse.logging import get_logger
from rag_server.core.glossary import for_keywords, for_models
from rag_server.core.index import Index
from rag_server.core.points import RepositoryKey, Snapshot
from rag_server.core.sparse import encode_query
from rag_server.core.store import EVERYTHING, Probe, Scored, VectorName
from rag_server.features.search.errors import ChunkNotFound
from rag_server.features.search.filters import narrow
from rag_server.features.search.query import Question, understand
from rag_server.features.search.ranking import Candidate, Weights, rank

_log = get_logger(__name__)

DEPTH = 60
"""Candidates of each retriever."""
GLOB_DEPTH = 400
"""With a glob, which is checked on the candidates."""

SIMILARITY = Weights(exact_symbol=0, file_name=0, folder=0, file_evidence=0, repeat_factor=1)
"""For a chunk as the question only likeness counts."""

MODEL_RETRIEVERS = (VectorName.FAST, VectorName.DENSE)


class SearchService:
    """Answers questions with chunks."""

    def __init__(self, index: Index) -> None:
        self._store = index.store
        self._embedder = index.embedder

    async def search(self, request: SearchRequest) -> SearchReply:
        """The best evidence for a question within the scope.

        Raises:
            Unavailable: A semantic search was wanted and embedding-server is away.
        """
        started = time.perf_counter()
        question = understand(for_keywords(request.query))
        if not question.terms or not request.scopes:
            return _reply([], request.scopes, started)
        narrowing = narrow(request.filters)
        depth = GLOB_DEPTH if narrowing.accepts else max(DEPTH, request.limit)
        snapshots = _snapshots(request.organisation_id, request.scopes)

        async def retrieve(probes: Sequence[Probe]) -> dict[VectorName, Sequence[Scored]]:
            results = await self._store.search(snapshots, probes, limit=depth, narrow=narrowing.where)
            return {
                probe.name: [s for s in scored if narrowing.accepts is None or narrowing.accepts(s.chunk.path)]
                for probe, scored in zip(probes, results, strict=True)
            }

        async def by_meaning() -> tuple[dict[VectorName, Sequence[Scored]], list[str]]:
            probes, degraded = await self._meaning(request.query, request.mode)
            return await retrieve(probes), degraded

        # The words are looked up while the models still read the question.
        words, (meaning, degraded) = await asyncio.gather(retrieve(_words(request.query, request.mode)), by_meaning())
        return _reply(rank(question, words | meaning)[: request.limit], request.scopes, started, degraded)

    async def similar(self, request: SimilarRequest) -> SearchReply:
        """Chunks that look like a given one, without itself.

        Raises:
            ChunkNotFound: No such chunk within the scope.
        """
        started = time.perf_counter()
        snapshots = _snapshots(request.organisation_id, request.scopes)
        point = await self._store.find(snapshots, request.chunk_id) if _is_uuid(request.chunk_id) else None
        if point is None:
            raise ChunkNotFound(request.chunk_id)
        probes = [Probe(VectorName.FAST, point.fast)]
        if point.dense is not None:
            probes.append(Probe(VectorName.DENSE, point.dense))
        results = await self._store.search(snapshots, probes, limit=max(DEPTH, request.limit + 1), narrow=EVERYTHING)
        found: Mapping[VectorName, Sequence[Scored]] = {
            probe.name: [item for item in scored if item.chunk.id != request.chunk_id]
            for probe, scored in zip(probes, results, strict=True)
        }
        anything = Question(text="", terms=frozenset(), symbols=frozenset(), wants_tests=True, wants_examples=True)
        return _reply(rank(anything, found, SIMILARITY)[: request.limit], request.scopes, started)

    async def _meaning(self, query: str, mode: SearchMode) -> tuple[list[Probe], list[str]]:
        """What to ask the store about the meaning, and which retrievers cannot take part."""
        if mode is SearchMode.KEYWORD:
            return [], []
        try:
            vectors = await self._embedder.embed_query(for_models(query))
        except CodeMuseError as error:
            if mode is SearchMode.SEMANTIC:
                raise
            _log.warning("search without vectors", reason=error.message)
            return [], [name.value for name in MODEL_RETRIEVERS]
        return [Probe(name, vectors[name]) for name in MODEL_RETRIEVERS], []


def _words(query: str, mode: SearchMode) -> list[Probe]:
    """What to ask the store about the words."""
    return [] if mode is SearchMode.SEMANTIC else [Probe(VectorName.CODE, encode_query(for_keywords(query)))]


def _snapshots(organisation_id: str, scopes: Sequence[SearchScope]) -> list[Snapshot]:
    return [Snapshot(RepositoryKey(organisation_id, scope.repository_id), scope.generation) for scope in scopes]


def _reply(
    ranked: Sequence[Candidate], scopes: Sequence[SearchScope], started: float, degraded: Sequence[str] = ()
) -> SearchReply:
    commits = {scope.repository_id: scope.commit for scope in scopes}
    hits = [_hit(candidate, commits[candidate.chunk.key.repository_id]) for candidate in ranked]
    took = (time.perf_counter() - started) * 1000
    return SearchReply(results=hits, took_ms=round(took, 2), degraded=list(degraded))


def _hit(candidate: Candidate, commit: str) -> SearchHit:
    chunk = candidate.chunk
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
        matched=candidate.matched,
    )


def _is_uuid(text: str) -> bool:
    try:
        uuid.UUID(text)
    except ValueError:
        return False
    return True

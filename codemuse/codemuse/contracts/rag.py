"""rag-server: chunks in, ranked evidence out."""

from enum import StrEnum

from pydantic import Field

from codemuse.contracts.chunks import Chunk
from codemuse.contracts.common import Identifier, Reply, RepositoryPath, Request, SearchText


class FileChunks(Request):
    """All chunks of one file as it stands in the generation that is being written; none means the file is gone."""

    path: RepositoryPath
    chunks: list[Chunk] = Field(max_length=20_000)


class GenerationWrite(Request):
    """Body of ``POST /api/v1/repositories/{repository_id}/generations/{generation}/files``.

    Each named file gets exactly these chunks from this generation on. Chunks that stay as they are stay untouched, new
    ones are inserted, vanished ones are closed. Repeating the call changes nothing.
    """

    organisation_id: Identifier
    commit: str = Field(max_length=64)
    files: list[FileChunks] = Field(min_length=1, max_length=512)


class GenerationWritten(Reply):
    """What one write did."""

    inserted: int
    kept: int
    closed: int
    embedded: int
    """Texts that had to be embedded (fast tier)."""
    reused: int
    """Texts whose vectors the store had already."""


class RefineRequest(Request):
    """Body of ``POST /api/v1/repositories/{repository_id}/refine``: fill in transformer vectors, a bounded number."""

    organisation_id: Identifier
    limit: int = Field(default=256, ge=1, le=4096)


class RefineReply(Reply):
    """How many points got their transformer vector, and how many still lack it."""

    refined: int
    remaining: int


class PruneRequest(Request):
    """Body of ``POST /api/v1/repositories/{repository_id}/prune``: remove chunks that only older generations have."""

    organisation_id: Identifier
    keep_from: int = Field(ge=1)
    """The oldest generation that stays searchable."""


class RepositoryIndexRead(Reply):
    """Reply of ``GET /api/v1/repositories/{repository_id}?organisation_id=&generation=``."""

    repository_id: str
    generation: int
    chunk_count: int
    unrefined_count: int


class SearchMode(StrEnum):
    """Which retrievers answer."""

    HYBRID = "hybrid"
    SEMANTIC = "semantic"
    KEYWORD = "keyword"


class Signal(StrEnum):
    """What a ranking is made of: the retrievers and the rules. Each can be switched off to see what it is worth."""

    KEYWORD = "keyword"
    FAST = "fast"
    """The static embedding."""
    DENSE = "dense"
    """The transformer's."""
    SYMBOL = "symbol"
    RELATED = "related"
    """What the call graph says, where a question asks for callers or callees."""
    VERBATIM = "verbatim"
    FILE_NAME = "file_name"
    FOLDER = "folder"
    FILE_EVIDENCE = "file_evidence"
    TESTS = "tests"
    EXAMPLES = "examples"
    GENERATED = "generated"
    LEGACY = "legacy"
    DOORWAY = "doorway"
    DOCUMENTS = "documents"
    SPREAD = "spread"
    RERANK = "rerank"
    """A model that reads question and passage together, where one is set up."""


class SearchFilters(Request):
    """Narrow a search; all given filters must hold."""

    language: str | None = Field(default=None, max_length=32)
    path: str | None = Field(default=None, max_length=4096)
    """A path prefix (``src/app``) or a glob (``**/*.py``)."""
    kind: str | None = Field(default=None, max_length=32)


class SearchScope(Request):
    """One repository as the reader may see it."""

    repository_id: Identifier
    generation: int = Field(ge=1)
    commit: str = Field(default="", max_length=64)
    """Echoed in the hits: what a kept chunk is read as, whenever it was written."""


class RelatedPlace(Request):
    """A line that the call graph leads to from what a question names."""

    repository_id: Identifier
    path: RepositoryPath
    line: int = Field(ge=1)


MOST_RELATED = 40


class SearchRequest(Request):
    """Body of ``POST /api/v1/search``. The scope is not optional, and an empty one finds nothing."""

    organisation_id: Identifier
    scopes: list[SearchScope] = Field(max_length=200)
    query: SearchText
    limit: int = Field(default=10, ge=1, le=100)
    mode: SearchMode = SearchMode.HYBRID
    filters: SearchFilters = Field(default_factory=SearchFilters)
    explain: bool = False
    """Say of each result why it stands where it stands, and of the search what it took."""
    without: list[Signal] = Field(default_factory=list, max_length=len(Signal))
    """Retrievers and rules that are switched off, to see what they are worth."""
    weights: dict[Signal, float] = Field(default_factory=dict)
    """What signals weigh, where not as they come (``GET /api/v1/weights``)."""
    plain: bool = False
    """The query is somebody's prose: what looks like an operator is a word."""
    related: list[RelatedPlace] = Field(default_factory=list, max_length=MOST_RELATED)
    """Candidates beside what the retrievers find: the query asks for callers or callees, and these are they."""


class SimilarRequest(Request):
    """Body of ``POST /api/v1/similar``: what looks like this chunk?"""

    organisation_id: Identifier
    scopes: list[SearchScope] = Field(max_length=200)
    chunk_id: Identifier
    limit: int = Field(default=10, ge=1, le=100)


class RetrieverRead(Reply):
    """What one retriever said of a result."""

    name: Signal
    rank: int
    """From 1, among its own results."""
    score: float
    """Its own: a BM25 sum or a cosine."""
    share: float
    """What of it the ranking added up."""


class RuleRead(Reply):
    """What one rule did to a result: a share that it added, or a factor that it applied."""

    name: Signal
    added: float | None = None
    factor: float | None = None


class HitExplanation(Reply):
    """Why a result stands where it stands: the shares are added up, then the factors apply."""

    retrievers: list[RetrieverRead]
    rules: list[RuleRead]


class SearchExplanation(Reply):
    """How a search was understood and what it took."""

    words: str
    """What keyword search was asked."""
    symbols: list[str]
    """Names that the question mentions."""
    candidates: int
    """Chunks that were ranked."""
    stages_ms: dict[str, float]


class SearchHit(Reply):
    """One result."""

    chunk_id: str
    repository_id: str
    commit: str
    path: str
    start_line: int
    end_line: int
    language: str
    kind: str
    symbol: str | None = None
    text: str
    score: float
    matched: list[str] = Field(default_factory=list)
    """Which retrievers found it: ``keyword``, ``fast``, ``dense``, ``graph``, ``symbol``, ``path``."""
    explanation: HitExplanation | None = None


class SearchReply(Reply):
    """Results, best first, and the time the search took inside rag-server."""

    results: list[SearchHit]
    took_ms: float
    degraded: list[str] = Field(default_factory=list)
    """Retrievers that could not take part."""
    incomplete: bool = False
    """There may be more that fits the operators of the query: only so many chunks were looked through."""
    explanation: SearchExplanation | None = None

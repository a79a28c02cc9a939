"""embedding-server: text in, vectors out, in OpenAI's dialect."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from codemuse.contracts.common import Reply, Request

PRIORITY_HEADER = "X-CodeMuse-Priority"
"""``query`` goes ahead of ``bulk`` (the default)."""


class EmbeddingRequest(Request):
    """Body of ``POST /v1/embeddings``; the fields are OpenAI's."""

    model: str
    input: str | list[str] | list[int] | list[list[int]]
    encoding_format: Literal["float", "base64"] = "float"
    dimensions: int | None = Field(default=None, ge=1)
    user: str | None = Field(default=None, max_length=200)
    """Whose texts these are. Vectors are remembered for the same user only, and not at all without one."""


class EmbeddingItem(Reply):
    """One vector: floats, or base64 of little-endian float32."""

    object: Literal["embedding"] = "embedding"
    index: int
    embedding: list[float] | str


class EmbeddingUsage(Reply):
    """Tokens that were read."""

    prompt_tokens: int
    total_tokens: int


class EmbeddingReply(Reply):
    """Reply of ``POST /v1/embeddings``, vectors in the order of the input, each of length one."""

    object: Literal["list"] = "list"
    data: list[EmbeddingItem]
    model: str
    usage: EmbeddingUsage


class QuestionRequest(Request):
    """Body of ``POST /api/v1/questions``: one text that somebody waits for, embedded by several models at once."""

    text: str = Field(min_length=1, max_length=20_000)
    models: list[str] = Field(min_length=1, max_length=4)


class QuestionReply(Reply):
    """A vector of length one from each model: base64 of little-endian float32."""

    vectors: dict[str, str]


class ModelRead(Reply):
    """A model as ``GET /v1/models`` lists it, with what our services need to know of it."""

    id: str
    object: Literal["model"] = "model"
    created: int = 0
    owned_by: str = "codemuse"
    kind: Literal["transformer", "static", "chat"] = "chat"
    dimensions: int | None = None
    max_tokens: int | None = None
    precision: str | None = None
    device: str | None = None
    fingerprint: str | None = None
    """Changes when the vectors change: never mix vectors of different fingerprints."""


class ModelList(Reply):
    """Reply of ``GET /v1/models``."""

    object: Literal["list"] = "list"
    data: list[ModelRead]


class ModelUseRead(Reply):
    """What was asked of a model since the service started."""

    requests: int
    texts: int
    tokens: int
    last_used_at: datetime | None


class ModelStatusRead(Reply):
    """A model as ``GET /api/v1/models`` shows it to operators."""

    id: str
    state: Literal["unloaded", "loading", "ready", "failed"]
    failure: str = ""
    at_start: bool
    """Whether the service is incomplete without it."""
    kind: Literal["transformer", "static"] | None = None
    dimensions: int | None = None
    max_tokens: int | None = None
    precision: str | None = None
    device: str | None = None
    workers: int | None = None
    """Batches that are computed side by side."""
    memory_bytes: int = 0
    waiting_tokens: int = 0
    loaded_at: datetime | None = None
    use: ModelUseRead


class ModelStatusList(Reply):
    """Reply of ``GET /api/v1/models``."""

    items: list[ModelStatusRead]


class ModelChange(Request):
    """Body of ``POST /api/v1/models/load`` and ``/unload``."""

    model: str = Field(min_length=1, max_length=500)


class RerankRequest(Request):
    """Body of ``POST /v1/rerank``, in the shape that Jina's and Cohere's clients send."""

    model: str
    query: str = Field(min_length=1, max_length=20_000)
    documents: list[str] = Field(min_length=1, max_length=1_000)
    top_n: int | None = Field(default=None, ge=1)
    return_documents: bool = False


class RerankDocument(Reply):
    """A document as it was sent."""

    text: str


class RerankResult(Reply):
    """A document's place in the request and how well it answers."""

    index: int
    relevance_score: float
    document: RerankDocument | None = None


class RerankReply(Reply):
    """Reply of ``POST /v1/rerank``, best first."""

    model: str
    results: list[RerankResult]
    usage: EmbeddingUsage

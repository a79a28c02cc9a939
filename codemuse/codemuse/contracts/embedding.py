"""embedding-server: text in, vectors out, in OpenAI's dialect."""

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
    user: str | None = None


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

"""Wire shapes of this feature."""

from datetime import datetime

from pydantic import Field

from codemuse.contracts.common import Reply, Request


class EmbeddingGenerate(Request):
    """Body of ``POST /api/v1/embeddings/generate``."""

    texts: list[str] = Field(min_length=1, max_length=256)
    model: str = Field(default="all-MiniLM-L6-v2", max_length=200)


class EmbeddingSet(Reply):
    """Vectors of length one, in the order of the texts; kept for a day under their id."""

    id: str
    model: str
    dimensions: int
    embeddings: list[list[float]]
    created_at: datetime

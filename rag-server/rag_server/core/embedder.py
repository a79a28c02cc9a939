"""Text to vectors: the two models of embedding-server behind one port."""

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from typing import Protocol

from pydantic import BaseModel

from codemuse.clients.embedding import EmbeddingClient
from codemuse.contracts.embedding import ModelRead
from rag_server.core.store import VectorName

BULK_TEXTS = {VectorName.FAST: 512, VectorName.DENSE: 64}
"""Texts of one call: large enough to be cheap, small enough for the embedding queue to stay fair."""

Vector = list[float]


class IndexModel(BaseModel):
    """A model that vectors of the index are made with."""

    id: str
    fingerprint: str
    dimensions: int


class IndexModels(BaseModel):
    """The pair of models that an index is bound to."""

    fast: IndexModel
    dense: IndexModel

    def of(self, name: VectorName) -> IndexModel:
        """The model behind a named vector."""
        return self.dense if name is VectorName.DENSE else self.fast


class Embedder(Protocol):
    """Makes the dense vectors of the index."""

    async def embed_texts(self, name: VectorName, texts: Sequence[str]) -> list[Vector]:
        """Vectors for texts of the index, in order."""
        ...

    async def embed_query(self, query: str) -> dict[VectorName, Vector]:
        """The vectors of a question that a person waits for."""
        ...


class RemoteEmbedder:
    """Asks embedding-server; remembers the vectors of recent questions."""

    def __init__(self, client: EmbeddingClient, models: IndexModels, *, cache_entries: int) -> None:
        self._client = client
        self._models = models
        self._cache_entries = cache_entries
        self._cache: OrderedDict[str, dict[VectorName, Vector]] = OrderedDict()

    async def embed_texts(self, name: VectorName, texts: Sequence[str]) -> list[Vector]:
        """Vectors for texts of the index, in order, a bounded number a call."""
        size = BULK_TEXTS[name]
        vectors: list[Vector] = []
        for start in range(0, len(texts), size):
            vectors += await self._call(name, list(texts[start : start + size]))
        return vectors

    async def embed_query(self, query: str) -> dict[VectorName, Vector]:
        """The vectors of a question, ahead of bulk work."""
        if query in self._cache:
            self._cache.move_to_end(query)
            return self._cache[query]
        by_model = await self._client.embed_question(query, models=[self._models.fast.id, self._models.dense.id])
        vectors = {name: by_model[self._models.of(name).id].tolist() for name in (VectorName.FAST, VectorName.DENSE)}
        self._cache[query] = vectors
        while len(self._cache) > self._cache_entries:
            self._cache.popitem(last=False)
        return vectors

    async def _call(self, name: VectorName, texts: list[str]) -> list[Vector]:
        rows = await self._client.embed(texts, model=self._models.of(name).id, priority="bulk")
        vectors: list[Vector] = await asyncio.to_thread(rows.tolist)
        return vectors


def pick_models(served: Sequence[ModelRead]) -> IndexModels | None:
    """The pair to index with, once both are served: of several, the first ones, for further ones come and go."""
    by_kind = {
        model.kind: IndexModel(id=model.id, fingerprint=model.fingerprint, dimensions=model.dimensions)
        for model in reversed(served)
        if model.fingerprint and model.dimensions
    }
    if not {"static", "transformer"} <= by_kind.keys():
        return None
    return IndexModels(fast=by_kind["static"], dense=by_kind["transformer"])

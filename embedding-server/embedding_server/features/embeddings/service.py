"""Turns a request for embeddings into vectors."""

import asyncio
from dataclasses import dataclass

import numpy as np

from codemuse.contracts.embedding import EmbeddingRequest, QuestionRequest
from embedding_server.core.backend import Vectors
from embedding_server.core.batcher import Batcher, Embedded
from embedding_server.core.metrics import EMBEDDED_TOKENS
from embedding_server.core.registry import ModelRegistry
from embedding_server.core.schedule import Priority
from embedding_server.core.vector_cache import CachedVector, VectorCache
from embedding_server.features.embeddings.errors import (
    EmptyInput,
    InvalidDimensions,
    TokenArraysUnsupported,
    TooManyTexts,
)

MAXIMUM_TEXTS = 2048
"""As in OpenAI's API."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Vectors in the order of the input."""

    model: str
    vectors: Vectors
    tokens: int


class EmbeddingService:
    """Embeds texts."""

    def __init__(self, registry: ModelRegistry, cache: VectorCache | None = None) -> None:
        self._registry = registry
        self._cache = cache

    async def embed_question(self, request: QuestionRequest) -> dict[str, Vectors]:
        """One text by several models side by side; vectors of shape ``(dimensions,)`` by model.

        Raises:
            Unavailable: A model is not in memory.
            TooManyRequests: Too much is waiting already.
        """
        answers = await asyncio.gather(
            *(
                self.embed(EmbeddingRequest(model=model, input=request.text), Priority.QUERY)
                for model in dict.fromkeys(request.models)
            )
        )
        return {answer.model: answer.vectors[0] for answer in answers}

    async def embed(self, request: EmbeddingRequest, priority: Priority) -> Answer:
        """Embed all texts of a request.

        Raises:
            InvalidInput: The input cannot be embedded; the leaf says why.
            Unavailable: The model is not in memory.
            TooManyRequests: Too much is waiting already.
        """
        texts = texts_of(request)
        batcher = await self._registry.get(request.model)
        card = batcher.backend.card
        if request.dimensions is not None and request.dimensions > card.dimensions:
            raise InvalidDimensions(card.id, card.dimensions)
        if self._cache and request.user and card.kind == "transformer":
            with batcher.held():
                embedded = await self._embed_unknown(batcher, self._cache, request.user, texts, priority)
        else:
            embedded = await batcher.embed(texts, priority)
        EMBEDDED_TOKENS.labels(card.id, priority.value).inc(embedded.tokens)
        self._registry.find(card.id).use.count(len(texts), embedded.tokens)
        return Answer(card.id, truncate(embedded.vectors, request.dimensions), embedded.tokens)

    async def _embed_unknown(
        self, batcher: Batcher, cache: VectorCache, user: str, texts: list[str], priority: Priority
    ) -> Embedded:
        """Compute only what nobody of the same user asked before."""
        card = batcher.backend.card
        known = await cache.find(card, user, texts)
        missing = [row for row, vector in enumerate(known) if vector is None]
        if missing:
            computed = await batcher.embed([texts[row] for row in missing], priority)
            fresh = map(CachedVector, computed.vectors, computed.token_counts)
            known = [vector or next(fresh) for vector in known]
            await cache.keep(card, user, [(texts[row], vector) for row in missing if (vector := known[row])])
        vectors = [vector for vector in known if vector]
        return Embedded(np.stack([one.vector for one in vectors]), [one.tokens for one in vectors])


def texts_of(request: EmbeddingRequest) -> list[str]:
    """The texts of a request.

    Raises:
        InvalidInput: There are none, too many, or they are token ids.
    """
    texts = [request.input] if isinstance(request.input, str) else request.input
    if not texts:
        raise EmptyInput
    if len(texts) > MAXIMUM_TEXTS:
        raise TooManyTexts(len(texts), MAXIMUM_TEXTS)
    strings = [text for text in texts if isinstance(text, str)]
    if len(strings) < len(texts):
        raise TokenArraysUnsupported
    return strings


def truncate(vectors: Vectors, dimensions: int | None) -> Vectors:
    """Keep the first dimensions and bring the vectors back to length one (Kusupati et al., 2022)."""
    if dimensions is None or dimensions == vectors.shape[1]:
        return vectors
    kept = np.ascontiguousarray(vectors[:, :dimensions])
    lengths = np.linalg.norm(kept, axis=1, keepdims=True)
    kept /= np.maximum(lengths, np.float32(1e-12))
    return kept

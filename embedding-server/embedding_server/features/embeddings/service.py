"""Turns a request for embeddings into vectors."""

import asyncio
from dataclasses import dataclass

import numpy as np

from codemuse.contracts.embedding import EmbeddingRequest, QuestionRequest
from embedding_server.core.backend import Vectors
from embedding_server.core.metrics import EMBEDDED_TOKENS
from embedding_server.core.registry import ModelRegistry
from embedding_server.core.schedule import Priority
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

    def __init__(self, registry: ModelRegistry) -> None:
        self._registry = registry

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
        embedded = await batcher.embed(texts, priority)
        EMBEDDED_TOKENS.labels(card.id, priority.value).inc(embedded.tokens)
        return Answer(card.id, truncate(embedded.vectors, request.dimensions), embedded.tokens)


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

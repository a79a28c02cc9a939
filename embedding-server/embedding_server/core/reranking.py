"""Orders documents by how well they answer a question."""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from embedding_server.core.errors import QueueFull
from embedding_server.core.registry import ModelRegistry
from embedding_server.core.schedule import Priority
from embedding_server.core.weights import find_weights

MOST_WAITING = 32
"""Requests for the cross-encoder; a GPU answers some hundred pairs in the time that callers wait."""
RETRY_AFTER_SECONDS = 2
BATCH_PAIRS = 32


@dataclass(frozen=True, slots=True)
class Scores:
    """One score a document, higher is better, and what was read for them."""

    values: list[float]
    tokens: int


class Reranker(Protocol):
    """Scores documents against a question."""

    async def score(self, query: str, documents: Sequence[str]) -> Scores:
        """One score a document, in order."""
        ...


class EmbeddingReranker:
    """The cosine of question and document under an embedding model."""

    def __init__(self, registry: ModelRegistry, model_id: str) -> None:
        self._registry = registry
        self._model_id = model_id

    async def score(self, query: str, documents: Sequence[str]) -> Scores:
        """One cosine a document, in order.

        Raises:
            UnknownModel: No such model is configured.
            Unavailable: It is not in memory.
            TooManyRequests: Too much is waiting already.
        """
        batcher = await self._registry.get(self._model_id)
        embedded = await batcher.embed([query, *documents], Priority.QUERY)
        self._registry.find(self._model_id).use.count(len(documents) + 1, embedded.tokens)
        question, vectors = embedded.vectors[0], embedded.vectors[1:]
        return Scores((vectors @ question).tolist(), embedded.tokens)


class PairModel(Protocol):
    """A model that reads question and document together."""

    def predict(self, pairs: Sequence[tuple[str, str]]) -> Scores:
        """One score a pair, in order."""
        ...


class CrossEncoderReranker:
    """A model that reads question and document together; loaded when first asked, one request at a time."""

    def __init__(self, load: Callable[[], PairModel]) -> None:
        self._load = load
        self._model: PairModel | None = None
        self._waiting = 0
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="rerank")

    async def score(self, query: str, documents: Sequence[str]) -> Scores:
        """One score between 0 and 1 a document, in order.

        Raises:
            QueueFull: Too many requests are waiting.
            WeightsRefused: The model cannot be loaded.
        """
        if self._waiting >= MOST_WAITING:
            raise QueueFull(RETRY_AFTER_SECONDS)
        self._waiting += 1
        try:
            pairs = [(query, document) for document in documents]
            return await asyncio.get_running_loop().run_in_executor(self._thread, self._predict, pairs)
        finally:
            self._waiting -= 1

    def close(self) -> None:
        """Let go of the thread."""
        self._thread.shutdown(cancel_futures=True)

    def _predict(self, pairs: Sequence[tuple[str, str]]) -> Scores:
        self._model = self._model or self._load()
        return self._model.predict(pairs)


class CrossEncoderModel:
    """A cross-encoder of sentence-transformers.

    torch and its kin are imported here on first use: they take seconds, and the port must be open before that.
    """

    def __init__(self, name: str, device: str) -> None:
        from sentence_transformers import CrossEncoder

        from embedding_server.core.transformer import choose_device

        folder: Path = find_weights(name).folder
        self._model = CrossEncoder(str(folder), device=choose_device(device), local_files_only=True)

    def predict(self, pairs: Sequence[tuple[str, str]]) -> Scores:
        """One score a pair, in order."""
        import torch

        scores = self._model.predict(
            list(pairs), batch_size=BATCH_PAIRS, activation_fn=torch.nn.Sigmoid(), show_progress_bar=False
        )
        read = self._model.tokenizer([a for a, _ in pairs], [b for _, b in pairs], truncation=True)["input_ids"]
        return Scores([float(score) for score in scores], sum(map(len, read)))

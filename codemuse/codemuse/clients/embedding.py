"""Client of embedding-server."""

import base64
from typing import Literal

import numpy as np
import numpy.typing as npt

from codemuse.contracts.embedding import (
    PRIORITY_HEADER,
    EmbeddingReply,
    EmbeddingRequest,
    ModelChange,
    ModelList,
    ModelStatusList,
    ModelStatusRead,
    QuestionReply,
    QuestionRequest,
    RerankReply,
    RerankRequest,
)
from codemuse.http import ServiceClient

Priority = Literal["query", "bulk"]


class EmbeddingClient:
    """Texts to vectors."""

    def __init__(self, service: ServiceClient) -> None:
        self.service = service

    async def embed(
        self, texts: list[str], *, model: str, priority: Priority, user: str | None = None
    ) -> npt.NDArray[np.float32]:
        """Vectors of length one, shape ``(len(texts), dimensions)``, in the order of the texts.

        Args:
            texts: What to embed.
            model: With what.
            priority: Whether somebody waits.
            user: Whose texts they are; with it the server may remember their vectors for the same user.
        """
        body = EmbeddingRequest(model=model, input=texts, encoding_format="base64", user=user)
        reply = await self.generate(body, priority=priority)
        rows = [np.frombuffer(base64.b64decode(str(item.embedding)), dtype="<f4") for item in reply.data]
        return np.stack(rows).astype(np.float32, copy=False)

    async def embed_question(self, text: str, *, models: list[str]) -> dict[str, npt.NDArray[np.float32]]:
        """One vector of shape ``(dimensions,)`` from each model, ahead of bulk work."""
        body = QuestionRequest(text=text, models=models)
        reply = await self.service.call("POST", "/api/v1/questions", QuestionReply, body=body)
        return {model: np.frombuffer(base64.b64decode(vector), dtype="<f4") for model, vector in reply.vectors.items()}

    async def rerank(self, query: str, documents: list[str], *, model: str) -> list[float]:
        """How well each document answers, in their order; between 0 and 1 of a cross-encoder."""
        body = RerankRequest(model=model, query=query, documents=documents)
        reply = await self.service.call("POST", "/v1/rerank", RerankReply, body=body)
        scores = [0.0] * len(documents)
        for result in reply.results:
            scores[result.index] = result.relevance_score
        return scores

    async def generate(self, body: EmbeddingRequest, *, priority: Priority) -> EmbeddingReply:
        """The reply in OpenAI's own shape."""
        return await self.service.call(
            "POST",
            "/v1/embeddings",
            EmbeddingReply,
            body=body,
            headers={PRIORITY_HEADER: priority},
            timeout_seconds=120,
        )

    async def list_models(self) -> ModelList:
        """The models that are served."""
        return await self.service.call("GET", "/v1/models", ModelList)

    async def list_status(self) -> ModelStatusList:
        """Every configured model, with where it stands and what was asked of it."""
        return await self.service.call("GET", "/api/v1/models", ModelStatusList)

    async def load(self, change: ModelChange) -> ModelStatusRead:
        """Begin to bring a model into memory."""
        return await self.service.call("POST", "/api/v1/models/load", ModelStatusRead, body=change)

    async def unload(self, change: ModelChange) -> ModelStatusRead:
        """Free a model's memory until somebody asks for it."""
        return await self.service.call("POST", "/api/v1/models/unload", ModelStatusRead, body=change)

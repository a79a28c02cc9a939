"""Generating vectors, and reading them again for a day."""

import uuid
from datetime import UTC, datetime

from redis.asyncio import Redis
from redis.exceptions import RedisError

from codemuse.clients.embedding import EmbeddingClient
from codemuse.contracts.accounts import ApiKeyScope
from codemuse.errors import NotFound, Unavailable
from orchestrator.core.principal import Principal
from orchestrator.features.embeddings.schemas import EmbeddingGenerate, EmbeddingSet

_KEPT_SECONDS = 86_400


class EmbeddingService:
    """Vectors of an organisation; they can be made again at any time, so Redis is a good enough place for them."""

    def __init__(self, embedding: EmbeddingClient, redis: Redis) -> None:
        self._embedding = embedding
        self._redis = redis

    async def generate(self, principal: Principal, request: EmbeddingGenerate) -> EmbeddingSet:
        """Turn texts into vectors."""
        principal.require(ApiKeyScope.SEARCH)
        vectors = await self._embedding.embed(
            request.texts, model=request.model, priority="query", user=principal.organisation_id
        )
        made = EmbeddingSet(
            id=uuid.uuid4().hex,
            model=request.model,
            dimensions=vectors.shape[1],
            embeddings=[[float(value) for value in row] for row in vectors],
            created_at=datetime.now(UTC),
        )
        try:
            await self._redis.set(_key(principal, made.id), made.model_dump_json(), ex=_KEPT_SECONDS)
        except (RedisError, OSError):
            raise Unavailable("The vectors could not be kept; try again.", retry_after=5) from None
        return made

    async def get(self, principal: Principal, embedding_id: str) -> EmbeddingSet:
        """Vectors that were made within the last day.

        Raises:
            NotFound: There are none under this id.
        """
        principal.require(ApiKeyScope.SEARCH)
        try:
            kept = await self._redis.get(_key(principal, embedding_id))
        except (RedisError, OSError):
            raise Unavailable("The vectors cannot be read at the moment.", retry_after=5) from None
        if kept is None:
            raise NotFound("There are no such vectors, or they are older than a day.", code="embedding_not_found")
        return EmbeddingSet.model_validate_json(kept)


def _key(principal: Principal, embedding_id: str) -> str:
    return f"embeddings:{principal.organisation_id}:{embedding_id}"

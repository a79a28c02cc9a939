"""Vectors of texts that were embedded before, in Redis. It only saves work: without Redis everything is computed.

The cache is direct-mapped: a text has one place, found by its hash, and takes it from whoever had it before. So it never
holds more than so many vectors, and nothing needs to be counted or cleaned up.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import numpy as np
from redis.asyncio import Redis
from redis.exceptions import RedisError

from embedding_server.core.backend import ModelCard, Vectors
from embedding_server.core.metrics import CACHE_TEXTS

KEPT_FOR = timedelta(days=7)
_TOKENS = np.dtype("<u4")
_VALUES = np.dtype("<f4")


@dataclass(frozen=True, slots=True)
class CachedVector:
    """The vector of a text and how many tokens the model read for it."""

    vector: Vectors
    tokens: int


class VectorCache:
    """Vectors by model, by who asked, and by text.

    Args:
        redis: Where they are kept.
        entries: Places of each model; one takes some 1.6 KB for 384 dimensions.
    """

    def __init__(self, redis: Redis, entries: int) -> None:
        self._redis = redis
        self._entries = entries

    async def find(self, card: ModelCard, scope: str, texts: Sequence[str]) -> list[CachedVector | None]:
        """What is known of each text. Nothing is known across scopes: an answer's speed would tell what others embed."""
        hashes = [_hash(scope, text) for text in texts]
        try:
            values: list[Any] = await self._redis.mget([self._place(card, digest) for digest in hashes])
        except RedisError:
            CACHE_TEXTS.labels("unavailable").inc(len(texts))
            return [None] * len(texts)
        found = [_read(card, digest, value) for digest, value in zip(hashes, values, strict=True)]
        hits = sum(vector is not None for vector in found)
        CACHE_TEXTS.labels("hit").inc(hits)
        CACHE_TEXTS.labels("miss").inc(len(found) - hits)
        return found

    async def keep(self, card: ModelCard, scope: str, vectors: Sequence[tuple[str, CachedVector]]) -> None:
        """Remember vectors by their texts."""
        try:
            async with self._redis.pipeline(transaction=False) as pipeline:
                for text, cached in vectors:
                    digest = _hash(scope, text)
                    tokens = np.array([cached.tokens], dtype=_TOKENS).tobytes()
                    value = digest + tokens + cached.vector.astype(_VALUES).tobytes()
                    pipeline.set(self._place(card, digest), value, ex=KEPT_FOR)
                await pipeline.execute()
        except RedisError:
            CACHE_TEXTS.labels("unavailable").inc(len(vectors))

    def _place(self, card: ModelCard, digest: bytes) -> str:
        return f"embedding:{card.fingerprint[:32]}:{int.from_bytes(digest[:8]) % self._entries}"


def _hash(scope: str, text: str) -> bytes:
    return hashlib.sha256(f"{scope}\0{text}".encode("utf-8", "surrogatepass")).digest()


def _read(card: ModelCard, digest: bytes, value: bytes | None) -> CachedVector | None:
    size = len(digest) + _TOKENS.itemsize + card.dimensions * _VALUES.itemsize
    if value is None or len(value) != size or not value.startswith(digest):
        return None
    tokens = int(np.frombuffer(value, dtype=_TOKENS, count=1, offset=len(digest))[0])
    vector = np.frombuffer(value, dtype=_VALUES, offset=len(digest) + _TOKENS.itemsize)
    return CachedVector(vector.astype(np.float32), tokens)

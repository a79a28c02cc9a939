"""A model small enough to compute by hand, and the HTTP stack over it."""

import hashlib
import threading
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import httpx
import numpy as np
import pytest
from fastapi import FastAPI

from codemuse.app import create_service_app
from embedding_server.core.backend import Backend, ModelCard, TokenIds, Vectors
from embedding_server.core.registry import ModelPlan, ModelRegistry, RegistryPolicy
from embedding_server.core.reranking import Reranker
from embedding_server.core.resources import Resources, readiness_checks
from embedding_server.core.settings import Settings
from embedding_server.core.vector_cache import VectorCache
from embedding_server.features.embeddings.router import router as embeddings
from embedding_server.features.models.router import router as models
from embedding_server.features.reranking.router import router as reranking

DIMENSIONS = 8
POLICY = RegistryPolicy(queue_tokens=10_000, loading_wait_seconds=1.0)


class TinyBackend:
    """Deterministic vectors from the letters of a text; remembers its batches and can be held up."""

    def __init__(self, *, model_id: str = "tiny", batch_tokens: int = 64, workers: int = 1) -> None:
        self.batches: list[list[TokenIds]] = []
        self.may_compute = threading.Event()
        self.may_compute.set()
        self.started = 0
        self.failure: Exception | None = None
        self._card = ModelCard(
            id=model_id,
            kind="transformer",
            fingerprint="tiny",
            dimensions=DIMENSIONS,
            max_tokens=32,
            precision="fp32",
            device="cpu",
            batch_tokens=batch_tokens,
            workers=workers,
            memory_bytes=1_000,
        )

    @property
    def card(self) -> ModelCard:
        return self._card

    def tokenize(self, texts: Sequence[str]) -> list[TokenIds]:
        return [[ord(letter) for letter in text[: self._card.max_tokens]] for text in texts]

    def embed(self, batch: Sequence[TokenIds]) -> Vectors:
        self.started += 1
        assert self.may_compute.wait(10)
        self.batches.append(list(batch))
        if self.failure:
            raise self.failure
        return np.stack([vector_of(tokens) for tokens in batch])


def vector_of(tokens: TokenIds) -> Vectors:
    digest = hashlib.sha256(repr(tokens).encode()).digest()[:DIMENSIONS]
    raw = np.frombuffer(digest, dtype=np.uint8).astype(np.float32) + 1
    unit: Vectors = raw / np.linalg.norm(raw)
    return unit


@pytest.fixture
def tiny_backend() -> TinyBackend:
    return TinyBackend()


@pytest.fixture
def make_backend() -> type[TinyBackend]:
    return TinyBackend


@pytest.fixture
def expected_vector() -> Callable[[str], Vectors]:
    return lambda text: vector_of([ord(letter) for letter in text])


OpenClient = Callable[..., AbstractAsyncContextManager[httpx.AsyncClient]]


@pytest.fixture
def open_client(service_token: str, tmp_path: Path) -> OpenClient:
    """Opens a client of the whole HTTP stack over the given loaders."""

    @asynccontextmanager
    async def opened(
        loaders: dict[str, Callable[[], Backend]],
        *,
        lazy: dict[str, Callable[[], Backend]] | None = None,
        policy: RegistryPolicy = POLICY,
        cache: VectorCache | None = None,
        rerankers: dict[str, Reranker] | None = None,
    ) -> AsyncIterator[httpx.AsyncClient]:
        settings = Settings(service_token=service_token, data=tmp_path, _env_file=None)

        @asynccontextmanager
        async def open_resources() -> AsyncIterator[Resources]:
            plans = {name: ModelPlan(load) for name, load in loaders.items()}
            plans |= {name: ModelPlan(load, at_start=False) for name, load in (lazy or {}).items()}
            async with ModelRegistry(plans, policy).running() as registry:
                yield Resources(registry, cache, rerankers or {})

        app: FastAPI = create_service_app(
            name="embedding-server",
            settings=settings,
            open_resources=open_resources,
            routers=[embeddings, models, reranking],
            checks=readiness_checks,
        )
        headers = {"Authorization": f"Bearer {service_token}"}
        transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
        async with (
            app.router.lifespan_context(app),
            httpx.AsyncClient(transport=transport, base_url="http://test", headers=headers) as client,
        ):
            yield client

    return opened

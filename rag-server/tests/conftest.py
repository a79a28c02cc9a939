"""Chunks, an embedder that needs no model, and both stores."""

import hashlib
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from qdrant_client import AsyncQdrantClient
from rag_stage.models import ModelServer
from rag_stage.service import Service
from rag_stage.stores import open_server_store

from codemuse.app import create_service_app
from codemuse.contracts.chunks import Chunk, ChunkKind
from codemuse.errors import Unavailable
from rag_server.core.edge_store import open_edge_store
from rag_server.core.index import Index
from rag_server.core.points import RepositoryKey
from rag_server.core.settings import Settings
from rag_server.core.store import CollectionShape, VectorName, VectorStore
from rag_server.core.tokens import iter_terms
from rag_server.features.generations.router import router as generations
from rag_server.features.search.router import router as search
from rag_server.main import create_app

FAST, DENSE = 24, 32
COLLECTION = "chunks-test"
SHAPE = CollectionShape(fast_dimensions=FAST, dense_dimensions=DENSE)


class HashingEmbedder:
    """Texts that share words are near each other; counts what it embeds and can be switched off."""

    def __init__(self) -> None:
        self.embedded: dict[VectorName, list[str]] = {VectorName.FAST: [], VectorName.DENSE: []}
        self.away = False

    async def embed_texts(self, name: VectorName, texts: Sequence[str]) -> list[list[float]]:
        if self.away:
            raise Unavailable("embedding-server cannot be reached.")
        self.embedded[name] += texts
        return [_hashed(text, DENSE if name is VectorName.DENSE else FAST) for text in texts]

    async def embed_query(self, query: str) -> dict[VectorName, list[float]]:
        if self.away:
            raise Unavailable("embedding-server cannot be reached.")
        return {VectorName.FAST: _hashed(query, FAST), VectorName.DENSE: _hashed(query, DENSE)}


def _hashed(text: str, dimensions: int) -> list[float]:
    vector = np.full(dimensions, 1e-3)
    for term in iter_terms(text):
        vector[hashlib.sha256(term.encode()).digest()[0] % dimensions] += 1
    unit: list[float] = (vector / np.linalg.norm(vector)).tolist()
    return unit


def build_chunk(**overrides: Any) -> Chunk:
    text = overrides.pop("text", "def parse_config(path):\n    return load(path)")
    start = overrides.get("start_line", 1)
    fields: dict[str, Any] = {
        "path": "src/config.py",
        "start_line": start,
        "end_line": start + text.count("\n"),
        "language": "python",
        "kind": ChunkKind.FUNCTION,
        "symbol": "parse_config",
        "defines": ["parse_config"],
        "text": text,
    }
    return Chunk(**{**fields, **overrides})


@pytest.fixture
def make_chunk() -> Callable[..., Chunk]:
    return build_chunk


@pytest.fixture
def embedder() -> HashingEmbedder:
    return HashingEmbedder()


@pytest.fixture(params=["edge", "server"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[VectorStore]:
    """Both adapters; the client's own local engine stands in for a server."""
    if request.param == "edge":
        opened: Any = open_edge_store(tmp_path / "qdrant", COLLECTION, SHAPE)
    else:
        opened = open_server_store(AsyncQdrantClient(":memory:"), COLLECTION, SHAPE)
    async with opened as store:
        yield store


@pytest.fixture
async def index(tmp_path: Path, embedder: HashingEmbedder) -> AsyncIterator[Index]:
    """A real embedded index with vectors that need no model."""
    async with open_edge_store(tmp_path / "qdrant", COLLECTION, SHAPE) as edge_store:
        yield Index(edge_store, embedder)


@pytest.fixture
async def api(index: Index, service_token: str, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    """The HTTP stack over the index."""

    class Opener:
        def __init__(self) -> None:
            self.index = index

    class OneTarget:
        @asynccontextmanager
        async def writing(self, key: RepositoryKey, build_id: str | None) -> AsyncIterator[list[Index]]:
            yield [index]

    settings_ = Settings(service_token=service_token, data=tmp_path, _env_file=None)

    class Opened:
        opener = Opener()
        builds = OneTarget()
        settings = settings_

    @asynccontextmanager
    async def open_resources() -> AsyncIterator[Opened]:
        yield Opened()

    app = create_service_app(
        name="rag-server",
        settings=settings_,
        open_resources=open_resources,
        routers=[generations, search],
    )
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    headers = {"Authorization": f"Bearer {service_token}"}
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://test", headers=headers) as client,
    ):
        yield client


@pytest.fixture
def model_server() -> Iterator[ModelServer]:
    """An embedding-server that serves models ``one`` until it is told otherwise."""
    server = ModelServer()
    server.serve("one")
    yield server
    server.stop()


@pytest.fixture
def start(model_server: ModelServer, service_token: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Starts the whole service on one folder, as often as wanted."""
    monkeypatch.setenv("SERVICE_TOKEN", service_token)
    monkeypatch.setenv("DATA", str(tmp_path))
    monkeypatch.setenv("EMBEDDING_SERVER_URL", model_server.url)
    monkeypatch.setenv("INDEX_LOOK_SECONDS", "0.1")
    monkeypatch.setenv("INDEX_GRACE_SECONDS", "0.1")
    monkeypatch.delenv("QDRANT_URL", raising=False)

    @asynccontextmanager
    async def start() -> AsyncIterator[Service]:
        app = create_app()
        service = Service(app)
        async with app.router.lifespan_context(app), service.client:
            yield service

    return start

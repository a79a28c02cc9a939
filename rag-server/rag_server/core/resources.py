"""Everything that is opened at start and closed at the end."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

from qdrant_client import AsyncQdrantClient

from codemuse.clients.embedding import EmbeddingClient
from codemuse.contracts.common import CheckRead, HealthState
from codemuse.errors import CodeMuseError
from codemuse.health import Check
from codemuse.http import ServiceAddress, open_service_client
from rag_server.core.edge_store import open_edge_store
from rag_server.core.embedder import IndexModels
from rag_server.core.index import ASK_AGAIN_SECONDS, IndexOpener
from rag_server.core.server_store import Spread, open_server_store
from rag_server.core.settings import Settings
from rag_server.core.store import CollectionShape, VectorStore


@dataclass(frozen=True, slots=True)
class Resources:
    """What the features work with."""

    opener: IndexOpener
    embeddings: EmbeddingClient


@asynccontextmanager
async def open_resources(settings: Settings) -> AsyncIterator[Resources]:
    """Open the client of embedding-server and, as soon as its models are known, the index."""
    address = ServiceAddress("embedding-server", settings.embedding_server_url, settings.service_token)
    folder = settings.data / "qdrant"

    def open_store(collection: str, models: IndexModels) -> AbstractAsyncContextManager[VectorStore]:
        shape = shape_of(settings, models)
        if not settings.qdrant_url:
            return open_edge_store(folder, collection, shape)
        return open_server_store(connect(settings), collection, shape, spread_of(settings))

    async with AsyncExitStack() as stack:
        embeddings = EmbeddingClient(await stack.enter_async_context(open_service_client(address)))
        # Asking for the models is done until it works; its failures must not open the breaker of the searches.
        asking = await stack.enter_async_context(open_service_client(replace(address, name="embedding-server-models")))
        asking.breaker.policy = replace(asking.breaker.policy, open_seconds=ASK_AGAIN_SECONDS)
        opener = IndexOpener(EmbeddingClient(asking), embeddings, open_store, folder / "models.json")
        await stack.enter_async_context(opener.running(cache_entries=settings.query_cache_entries))
        yield Resources(opener=opener, embeddings=embeddings)


def shape_of(settings: Settings, models: IndexModels) -> CollectionShape:
    """What a collection for these models holds."""
    return CollectionShape(
        fast_dimensions=models.fast.dimensions,
        dense_dimensions=models.dense.dimensions,
        quantised=settings.index_quantisation == "int8",
    )


def spread_of(settings: Settings) -> Spread:
    """How a new collection of a server is laid out."""
    return Spread(settings.qdrant_shards, settings.qdrant_replicas, settings.qdrant_write_consistency)


def connect(settings: Settings) -> AsyncQdrantClient:
    """A client of the configured server; it connects when it is first used."""
    key = settings.qdrant_api_key.get_secret_value() if settings.qdrant_api_key else None
    trusted: dict[str, Any] = {"verify": str(settings.qdrant_ca_file)} if settings.qdrant_ca_file else {}
    port = settings.qdrant_grpc_port
    grpc: dict[str, Any] = {"prefer_grpc": True, "grpc_port": port} if port else {}
    return AsyncQdrantClient(url=settings.qdrant_url, api_key=key, check_compatibility=False, **grpc, **trusted)


def readiness_checks(resources: Resources) -> Mapping[str, Check]:
    """The index must be open; without embedding-server there is still keyword search."""

    async def index() -> CheckRead | None:
        try:
            await resources.opener.index.store.check()
        except CodeMuseError as error:
            return CheckRead(status=HealthState.DOWN, detail=error.message)
        return None

    async def embedding_server() -> CheckRead | None:
        try:
            await resources.embeddings.list_models()
        except CodeMuseError as error:
            return CheckRead(status=HealthState.DEGRADED, detail=error.message)
        return None

    return {"index": index, "embedding-server": embedding_server}

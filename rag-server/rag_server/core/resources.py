"""Everything that is opened at start and closed at the end."""

import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import httpx
from qdrant_client import AsyncQdrantClient

from codemuse.clients.embedding import EmbeddingClient
from codemuse.contracts.common import CheckRead, HealthState
from codemuse.errors import CodeMuseError
from codemuse.health import Check
from codemuse.http import ServiceAddress, open_service_client
from rag_server.core.backups import Backups
from rag_server.core.builds import Builds
from rag_server.core.edge_storage import open_edge_storage, read_catalogue
from rag_server.core.embedder import IndexModels
from rag_server.core.errors import ModelsChanged
from rag_server.core.index import ASK_AGAIN_SECONDS, IndexOpener, Pace
from rag_server.core.served import ServedModels
from rag_server.core.server_snapshots import ServerSnapshots
from rag_server.core.server_storage import ServerStorage
from rag_server.core.server_store import Spread
from rag_server.core.settings import Settings
from rag_server.core.storage import Storage
from rag_server.core.store import CollectionShape

QDRANT_PORT = 6333
"""Where the client library looks when the address names none."""


@dataclass(frozen=True, slots=True)
class Resources:
    """What the features work with."""

    opener: IndexOpener
    builds: Builds
    backups: Backups
    embeddings: EmbeddingClient
    settings: Settings


@asynccontextmanager
async def open_resources(settings: Settings) -> AsyncIterator[Resources]:
    """Open the client of embedding-server and, as soon as its models are known, the index."""
    address = ServiceAddress("embedding-server", settings.embedding_server_url, settings.service_token)
    folder = settings.data / "qdrant"
    async with AsyncExitStack() as stack:
        embeddings = EmbeddingClient(await stack.enter_async_context(open_service_client(address)))
        # Asking for the models is done until it works; its failures must not open the breaker of the searches.
        asking = await stack.enter_async_context(open_service_client(replace(address, name="embedding-server-models")))
        asking.breaker.policy = replace(asking.breaker.policy, open_seconds=ASK_AGAIN_SECONDS)
        opener = IndexOpener(
            lambda: open_storage(settings, folder),
            ServedModels(EmbeddingClient(asking)),
            embeddings,
            folder,
            cache_entries=settings.query_cache_entries,
            pace=Pace(settings.index_look_seconds, settings.index_grace_seconds),
        )
        await stack.enter_async_context(opener.running())
        backups = Backups(settings.backup_folder or settings.data / "backups", folder, opener)
        builds = Builds(opener, backups)
        yield Resources(opener=opener, builds=builds, backups=backups, embeddings=embeddings, settings=settings)


@asynccontextmanager
async def open_storage(settings: Settings, folder: Path) -> AsyncIterator[Storage]:
    """Open the place where collections lie: the embedded engine's folder, or the configured server."""
    shapes = partial(shape_of, settings)
    if not settings.qdrant_url:
        async with open_edge_storage(folder, shapes) as edge:
            yield edge
        return
    async with open_server_storage(settings) as server:
        known = read_catalogue(folder)
        is_embedded = known is not None and (folder / known.current).exists()
        if known is not None and not is_embedded and await server.load() is None:
            await server.save(known)  # releases that had one collection a server remembered its models beside it
        yield server


@asynccontextmanager
async def open_server_storage(settings: Settings) -> AsyncIterator[ServerStorage]:
    """Open the configured server."""
    async with AsyncExitStack() as stack:
        client = connect(settings)
        stack.push_async_callback(client.close)
        http = await stack.enter_async_context(connect_for_snapshots(settings))
        yield ServerStorage(client, ServerSnapshots(http), partial(shape_of, settings), spread_of(settings))


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


def connect_for_snapshots(settings: Settings) -> httpx.AsyncClient:
    """The same server for what the client library cannot do."""
    url = httpx.URL(settings.qdrant_url)
    key = settings.qdrant_api_key.get_secret_value() if settings.qdrant_api_key else None
    trusted = ssl.create_default_context(cafile=settings.qdrant_ca_file) if settings.qdrant_ca_file else True
    return httpx.AsyncClient(
        base_url=url if url.port else url.copy_with(port=QDRANT_PORT),
        headers={"api-key": key} if key else {},
        verify=trusted,
        trust_env=False,
    )


def readiness_checks(resources: Resources) -> Mapping[str, Check]:
    """The index must be open; without embedding-server there is still keyword search."""

    async def index() -> CheckRead | None:
        try:
            await resources.opener.index.store.check()
        except CodeMuseError as error:
            return CheckRead(status=HealthState.DOWN, detail=error.message)
        if resources.opener.is_outdated:
            return CheckRead(status=HealthState.DEGRADED, detail=ModelsChanged().message)
        return None

    async def embedding_server() -> CheckRead | None:
        try:
            await resources.embeddings.list_models()
        except CodeMuseError as error:
            return CheckRead(status=HealthState.DEGRADED, detail=error.message)
        return None

    return {"index": index, "embedding-server": embedding_server}

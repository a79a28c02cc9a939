"""A collection of a Qdrant server, opened as the service opens it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from qdrant_client import AsyncQdrantClient

from rag_server.core.embedder import IndexModel, IndexModels
from rag_server.core.server_snapshots import ServerSnapshots
from rag_server.core.server_storage import ServerStorage
from rag_server.core.server_store import QdrantServerStore, Spread
from rag_server.core.store import CollectionShape

ANY_MODEL = IndexModel(id="any", fingerprint="any", dimensions=1)
ANY_MODELS = IndexModels(fast=ANY_MODEL, dense=ANY_MODEL)


@asynccontextmanager
async def open_server_store(
    client: AsyncQdrantClient,
    collection: str,
    shape: CollectionShape,
    spread: Spread = Spread(),
    snapshots: ServerSnapshots | None = None,
) -> AsyncIterator[QdrantServerStore]:
    """Use a collection, creating it where there is none; closes the client at the end."""
    storage = ServerStorage(client, snapshots, lambda _: shape, spread)
    try:
        async with storage.open(collection, ANY_MODELS) as store:
            yield store
    finally:
        await client.close()

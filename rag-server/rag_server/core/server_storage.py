"""Collections of a Qdrant server. The catalogue is a point in a collection of its own: replicas share nothing else."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from qdrant_client import AsyncQdrantClient, models

from rag_server.core.catalogue import Catalogue
from rag_server.core.embedder import IndexModels
from rag_server.core.server_client import translated
from rag_server.core.server_snapshots import ServerSnapshots
from rag_server.core.server_store import QdrantServerStore, Spread, ensure_collection
from rag_server.core.storage import Engine
from rag_server.core.store import CollectionShape

CATALOGUE = "codemuse-catalogue"
_POINT = 1


class ServerStorage:
    """What lies on a server.

    Args:
        client: The server.
        snapshots: Its routes for snapshots.
        shape_of: What a collection for a pair of models holds.
        spread: How new collections are laid out.
    """

    engine: Engine = "server"

    def __init__(
        self,
        client: AsyncQdrantClient,
        snapshots: ServerSnapshots,
        shape_of: Callable[[IndexModels], CollectionShape],
        spread: Spread = Spread(),
    ) -> None:
        self._client = translated(client)
        self._snapshots = snapshots
        self._shape_of = shape_of
        self._spread = spread

    async def load(self) -> Catalogue | None:
        """The catalogue, if anything was ever indexed."""
        if not await self._client.collection_exists(CATALOGUE):
            return None
        points = await self._client.retrieve(CATALOGUE, [_POINT], with_payload=True)
        return Catalogue.model_validate(points[0].payload) if points else None

    async def save(self, catalogue: Catalogue) -> None:
        """Replace the catalogue."""
        point = models.PointStruct(id=_POINT, vector={}, payload=catalogue.model_dump(mode="json"))
        if not await self._client.collection_exists(CATALOGUE):
            replicas = self._spread.replicas
            await self._client.create_collection(CATALOGUE, vectors_config={}, replication_factor=replicas)
        await self._client.upsert(CATALOGUE, [point], wait=True)

    @asynccontextmanager
    async def open(self, collection: str, models: IndexModels) -> AsyncIterator[QdrantServerStore]:
        """Open a collection, creating it where there is none."""
        shape = self._shape_of(models)
        await ensure_collection(self._client, collection, shape, self._spread)
        yield QdrantServerStore(self._client, collection, quantised=shape.quantised, snapshots=self._snapshots)

    async def load_copy(self, copy: Path, collection: str) -> None:
        """Make a collection from a copy."""
        await self.drop(collection)
        await self._snapshots.load(copy, collection)

    async def drop(self, collection: str) -> None:
        """Remove a collection."""
        if await self._client.collection_exists(collection):
            await self._client.delete_collection(collection)

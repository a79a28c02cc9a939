"""Collections of the embedded engine: folders below ``DATA/qdrant``, and the catalogue as a file beside them."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

from pydantic import ValidationError

from rag_server.core.catalogue import Catalogue
from rag_server.core.disk import allocated_bytes, replace_durably, require_room, sync_folder
from rag_server.core.edge_shard import ShardFiles
from rag_server.core.edge_store import hold_folder, open_edge_collection
from rag_server.core.embedder import IndexModels
from rag_server.core.errors import CatalogueDamaged
from rag_server.core.storage import Engine
from rag_server.core.store import CollectionShape, VectorStore

CATALOGUE = "models.json"
"""Named when the models were all that it held."""


class EdgeStorage:
    """Folders that this process alone uses."""

    engine: Engine = "embedded"

    def __init__(self, folder: Path, shape_of: Callable[[IndexModels], CollectionShape]) -> None:
        self._folder = folder
        self._shape_of = shape_of

    async def load(self) -> Catalogue | None:
        """The catalogue, if anything was ever indexed."""
        return await asyncio.to_thread(read_catalogue, self._folder)

    async def save(self, catalogue: Catalogue) -> None:
        """Replace the catalogue."""
        await asyncio.to_thread(write_catalogue, self._folder, catalogue)

    def open(self, collection: str, models: IndexModels) -> AbstractAsyncContextManager[VectorStore]:
        """Open a collection, creating it where there is none."""
        return open_edge_collection(self._folder / collection, self._shape_of(models))

    async def load_copy(self, copy: Path, collection: str) -> None:
        """Make a collection from a copy."""
        folder = self._folder / collection
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
        require_room(self._folder, await asyncio.to_thread(allocated_bytes, copy))
        files = ShardFiles(folder)
        build = await asyncio.to_thread(files.start_build)
        await asyncio.to_thread(files.copy, copy, build)
        await asyncio.to_thread(sync_folder, build)
        await asyncio.to_thread(files.publish, build)

    async def drop(self, collection: str) -> None:
        """Remove a collection."""
        await asyncio.to_thread(shutil.rmtree, self._folder / collection, ignore_errors=True)


@asynccontextmanager
async def open_edge_storage(
    folder: Path, shape_of: Callable[[IndexModels], CollectionShape]
) -> AsyncIterator[EdgeStorage]:
    """Use a folder.

    Raises:
        StoreInUse: Another process does.
    """
    async with hold_folder(folder):
        yield EdgeStorage(folder, shape_of)


def read_catalogue(folder: Path) -> Catalogue | None:
    """What a folder holds, if anything was ever indexed there.

    Raises:
        CatalogueDamaged: It cannot be told; taking that for nothing would lose an index.
    """
    file = folder / CATALOGUE
    try:
        return Catalogue.model_validate_json(file.read_bytes())
    except FileNotFoundError:
        return None
    except ValidationError:
        raise CatalogueDamaged(file) from None


def write_catalogue(folder: Path, catalogue: Catalogue) -> None:
    """Replace the catalogue as a whole."""
    folder.mkdir(parents=True, exist_ok=True)
    replace_durably(folder / CATALOGUE, catalogue.model_dump_json())

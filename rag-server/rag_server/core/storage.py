"""The port to the place where collections lie: the embedded engine's folder, or a Qdrant server."""

from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Literal, Protocol

from rag_server.core.catalogue import Catalogue
from rag_server.core.embedder import IndexModels
from rag_server.core.store import VectorStore

Engine = Literal["embedded", "server"]


class Storage(Protocol):
    """Collections and the catalogue of them."""

    engine: Engine

    async def load(self) -> Catalogue | None:
        """The catalogue, if anything was ever indexed."""
        ...

    async def save(self, catalogue: Catalogue) -> None:
        """Replace the catalogue."""
        ...

    def open(self, collection: str, models: IndexModels) -> AbstractAsyncContextManager[VectorStore]:
        """Open a collection, creating it where there is none."""
        ...

    async def load_copy(self, copy: Path, collection: str) -> None:
        """Make a collection from what ``VectorStore.save_copy`` wrote; what an earlier attempt left is replaced."""
        ...

    async def drop(self, collection: str) -> None:
        """Remove a collection that nobody has open; one that is not there is no error."""
        ...

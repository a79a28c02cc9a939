"""``python -m rag_server.core.migration``: move the embedded index to the Qdrant server of ``QDRANT_URL``.

Points move with their vectors: nothing is embedded again. rag-server must be stopped, for the embedded index belongs to one
process. It is only read, so that the way back stays open; an interrupted move is begun again and ends the same.
"""

import asyncio
import sys
from dataclasses import replace

from rich.console import Console

from codemuse.errors import CodeMuseError
from codemuse.settings import load_settings
from rag_server.core.edge_storage import read_catalogue
from rag_server.core.edge_store import open_edge_store
from rag_server.core.errors import NothingToMigrate
from rag_server.core.resources import open_storage, shape_of
from rag_server.core.settings import Settings
from rag_server.core.store import VectorStore

PAGE = 1_000


async def migrate(source: VectorStore, target: VectorStore, console: Console) -> int:
    """Copy every point; returns how many there were."""
    count = 0
    following: str | None = None
    while True:
        points, following = await source.list_points(following, limit=PAGE)
        await target.upsert(points)
        count += len(points)
        console.print(f"{count:,} chunks moved", end="\r" if following else "\n")
        if following is None:
            return count


async def migrate_as_configured(settings: Settings, console: Console) -> int:
    """Move the index that the settings would use if they named no server.

    Raises:
        NothingToMigrate: There is no embedded index, or no server to move it to.
        StoreInUse: rag-server is running.
    """
    folder = settings.data / "qdrant"
    if not settings.qdrant_url:
        raise NothingToMigrate("Say where to: set QDRANT_URL.")
    catalogue = read_catalogue(folder)
    if catalogue is None:
        raise NothingToMigrate(f"There is no embedded index in {folder}.")
    name, shape = catalogue.current, shape_of(settings, catalogue)
    async with (
        open_edge_store(folder, name, replace(shape, quantised=False)) as source,
        open_storage(settings, folder) as storage,
        storage.open(name, catalogue) as target,
    ):
        count = await migrate(source, target, console)
        await storage.save(catalogue.model_copy(update={"collection": name, "build": None, "retired": []}))
        return count


def main() -> None:
    """Move, and say what was done."""
    console = Console(stderr=True)
    try:
        asyncio.run(migrate_as_configured(load_settings(Settings), console))
    except CodeMuseError as error:
        console.print(error.message)
        sys.exit(1)
    console.print("Start rag-server with the same QDRANT_URL. The embedded index is untouched and may be deleted.")


if __name__ == "__main__":
    main()

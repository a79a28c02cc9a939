"""``codemuse index migrate``: move the embedded index to the Qdrant server of ``QDRANT_URL``.

Points move with their vectors: nothing is embedded again. rag-server must be stopped, for the embedded index belongs to one
process. It is only read, so that the way back stays open. The server's catalogue is written when everything has arrived, so
what an interrupted move left is never searched; begun again, the move starts afresh.
"""

import asyncio
import sys
from dataclasses import replace
from pathlib import Path

from rich.console import Console

from codemuse.errors import CodeMuseError
from codemuse.settings import load_settings
from rag_server.core.catalogue import Catalogue, collection_name
from rag_server.core.edge_storage import read_catalogue
from rag_server.core.edge_store import open_edge_store
from rag_server.core.errors import MoveIncomplete, NothingToMigrate, ServerHoldsIndex, StoreInUse
from rag_server.core.reencoding import TermsMark
from rag_server.core.resources import open_server_storage, shape_of
from rag_server.core.settings import Settings
from rag_server.core.storage import Storage
from rag_server.core.store import VectorStore

MOVED = "moved"
"""Names the collection on the server: one that rag-server makes there by itself has no such name."""
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


async def move_index(
    folder: Path, source: VectorStore, catalogue: Catalogue, storage: Storage, console: Console
) -> int:
    """Make the embedded index the server's; returns how many chunks it has.

    Args:
        folder: Where is remembered which terms a collection holds.
        source: The embedded index.
        catalogue: What it was made with.
        storage: The server.
        console: Told how far it is.

    Raises:
        ServerHoldsIndex: The server is in use already.
        MoveIncomplete: Not everything arrived.
    """
    known = await storage.load()
    if known is not None:
        await _refuse_filled(storage, known)
    name = collection_name(catalogue, MOVED)
    await storage.drop(name)
    async with storage.open(name, catalogue) as target:
        count = await migrate(source, target, console)
        if await target.list_owners() != await source.list_owners():
            raise MoveIncomplete
    if TermsMark(folder, catalogue.current).is_current:
        TermsMark(folder, name).set()
    retired = [known.current] if known is not None and known.current != name else []
    await storage.save(catalogue.model_copy(update={"collection": name, "build": None, "retired": retired}))
    return count


async def migrate_as_configured(settings: Settings, console: Console) -> int:
    """Move the index that the settings would use if they named no server.

    Raises:
        NothingToMigrate: There is no embedded index, or no server to move it to.
        StoreInUse: rag-server is running.
        CodeMuseError: As ``move_index``.
    """
    folder = settings.data / "qdrant"
    if not settings.qdrant_url:
        raise NothingToMigrate("Say where to: set QDRANT_URL.")
    catalogue = read_catalogue(folder)
    if catalogue is None:
        raise NothingToMigrate(f"There is no embedded index in {folder}.")
    shape = replace(shape_of(settings, catalogue), quantised=False)
    async with (
        open_edge_store(folder, catalogue.current, shape) as source,
        open_server_storage(settings) as storage,
    ):
        return await move_index(folder, source, catalogue, storage, console)


async def _refuse_filled(storage: Storage, known: Catalogue) -> None:
    async with storage.open(known.current, known) as held:
        chunks = sum((await held.list_owners()).values())
    if chunks or known.build is not None:
        raise ServerHoldsIndex(chunks)


def main() -> None:
    """Move, and say what was done."""
    console = Console(stderr=True)
    try:
        asyncio.run(migrate_as_configured(load_settings(Settings), console))
    except StoreInUse:
        console.print(
            "rag-server has the index open: stop it first ('make stop', or 'docker compose stop rag-server worker')."
        )
        sys.exit(1)
    except CodeMuseError as error:
        console.print(error.message)
        sys.exit(1)
    console.print("Start rag-server with the same QDRANT_URL. The embedded index is untouched and may be deleted.")


if __name__ == "__main__":
    main()

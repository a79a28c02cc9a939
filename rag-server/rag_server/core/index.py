"""The open index: stores bound to the models that their vectors are made with.

A collection is named after the models, so that vectors of different models are never mixed; terms of an older release are
encoded anew before it is opened. What is open follows the catalogue, which remembers the models too: a restart can serve
keyword search while embedding-server is away.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

from codemuse.clients.embedding import EmbeddingClient
from codemuse.errors import CodeMuseError
from codemuse.logging import get_logger
from rag_server.core.catalogue import Catalogue, collection_name
from rag_server.core.embedder import Embedder, IndexModels, RemoteEmbedder
from rag_server.core.errors import IndexDamaged, IndexFolderUnusable, IndexOpening
from rag_server.core.gate import Gate
from rag_server.core.reencoding import TermsMark, reencode
from rag_server.core.served import GuardedEmbedder, ServedModels
from rag_server.core.storage import Storage
from rag_server.core.store import VectorStore

T = TypeVar("T")
_log = get_logger(__name__)

ASK_AGAIN_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Index:
    """Where points are kept and what makes their vectors."""

    store: VectorStore
    embedder: Embedder


@dataclass(frozen=True, slots=True)
class Pace:
    """How often is looked, and how long a replaced collection stays open (``core.settings``)."""

    look_seconds: float = 5.0
    grace_seconds: float = 15.0


@dataclass(frozen=True, slots=True)
class _Opened:
    index: Index
    stack: AsyncExitStack


class IndexOpener:
    """Holds open what the catalogue names: the collection that is searched, and the one that is being built.

    Args:
        open_storage: Where collections lie.
        served: Which models there are.
        embeddings: Makes vectors.
        folder: For what this process remembers.
        cache_entries: Questions whose vectors are remembered.
        pace: How often is looked for changes.
    """

    def __init__(
        self,
        open_storage: Callable[[], AbstractAsyncContextManager[Storage]],
        served: ServedModels,
        embeddings: EmbeddingClient,
        folder: Path,
        *,
        cache_entries: int,
        pace: Pace = Pace(),
    ) -> None:
        self.served = served
        self.gate = Gate()
        """Writes pass; changes of the catalogue close it."""
        self._open_storage = open_storage
        self._embeddings = embeddings
        self._folder = folder
        self._cache_entries = cache_entries
        self._pace = pace
        self._storage: Storage | None = None
        self._catalogue: Catalogue | None = None
        self._opened: dict[str, _Opened] = {}
        self._failures: dict[str, CodeMuseError] = {}
        self._in_the_way: CodeMuseError | None = None
        self._leaving: dict[str, asyncio.Task[None]] = {}

    @property
    def index(self) -> Index:
        """The index that is searched.

        Raises:
            IndexOpening: It is not open yet.
            Unavailable: It cannot be opened; the message says why.
        """
        return self.get(self.catalogue.current)

    @property
    def catalogue(self) -> Catalogue:
        """Which collections there are.

        Raises:
            IndexOpening: It is not known yet.
            Unavailable: It cannot be read; the message says why.
        """
        return self._ready(self._catalogue)

    @property
    def is_outdated(self) -> bool:
        """Whether the index was made with models that are not served any more."""
        catalogue = self.catalogue
        return self.served.pair is not None and any(
            self.served.has_replaced(model) for model in (catalogue.fast, catalogue.dense)
        )

    @property
    def storage(self) -> Storage:
        """Where the collections lie.

        Raises:
            IndexOpening: It is not open yet.
            Unavailable: It cannot be opened; the message says why.
        """
        return self._ready(self._storage)

    def get(self, collection: str) -> Index:
        """A collection of the catalogue.

        Raises:
            IndexOpening: It is not open yet.
            Unavailable: It cannot be opened; the message says why.
        """
        if opened := self._opened.get(collection):
            return opened.index
        if failure := self._failures.get(collection):
            raise failure.with_traceback(None)
        raise IndexOpening

    def _ready(self, wanted: T | None) -> T:
        if self._in_the_way:
            raise self._in_the_way.with_traceback(None)
        if wanted is None:
            raise IndexOpening
        return wanted

    @asynccontextmanager
    async def running(self) -> AsyncIterator["IndexOpener"]:
        """Open in the background, follow the catalogue and the models, and close at the end."""
        async with AsyncExitStack() as stack:
            working = asyncio.create_task(self._work(stack), name="open-index")
            try:
                yield self
            finally:
                working.cancel()
                leaving = list(self._leaving.values())
                for task in leaving:
                    task.cancel()
                await asyncio.wait([working, *leaving])
                for opened in self._opened.values():
                    await opened.stack.aclose()
                self._opened.clear()

    async def change(self, alter: Callable[[Catalogue], Awaitable[Catalogue]]) -> Catalogue:
        """Write another catalogue and open what it names, while nobody writes."""
        async with self.gate.closed():
            known = await self.storage.load() or self.catalogue
            altered = await alter(known)
            if altered != known:
                await self.storage.save(altered)
            await self._follow(altered)
            return altered

    async def refresh(self) -> None:
        """Follow what another replica may have written."""
        if self.storage.engine == "server" and await self.storage.load() != self._catalogue:

            async def keep(catalogue: Catalogue) -> Catalogue:
                return catalogue

            await self.change(keep)

    async def _work(self, stack: AsyncExitStack) -> None:
        """For ever, whatever happens: begin, then follow. What is in the way is told to whoever asks for the index."""
        while self._catalogue is None:
            try:
                await self._begin(stack)
            except Exception as error:  # noqa: BLE001 - the base of a background task
                self._note(error)
                await asyncio.sleep(ASK_AGAIN_SECONDS)
        while True:
            try:
                await self._look()
            except Exception:  # noqa: BLE001 - the base of a background task
                _log.exception("the catalogue cannot be followed")
            await asyncio.sleep(self._pace.look_seconds)

    def _note(self, error: Exception) -> None:
        before, self._in_the_way = self._in_the_way, _named(error)
        if before is None or before.message != self._in_the_way.message:
            _log.error("index cannot be opened", reason=self._in_the_way.message, exc_info=error)

    async def _begin(self, stack: AsyncExitStack) -> None:
        if self._storage is None:
            self._storage = await stack.enter_async_context(self._open_storage())
        catalogue = await self._storage.load()
        self._in_the_way = None
        if catalogue is None:
            models = await self._ask()
            catalogue = Catalogue(fast=models.fast, dense=models.dense, collection=collection_name(models))
            await self._storage.save(catalogue)
        await self._follow(catalogue)

    async def _look(self) -> None:
        try:
            was_outdated = self.is_outdated
            await self.served.ask()
            if self.is_outdated and not was_outdated:
                _log.warning("the embedding models have changed; the index has to be built for them")
            await self.refresh()
        except CodeMuseError as error:
            _log.info("waiting", reason=error.message)
        if self._failures:
            async with self.gate.closed():
                await self._follow(self.catalogue)

    async def _ask(self) -> IndexModels:
        while True:
            try:
                if models := await self.served.ask():
                    return models
            except CodeMuseError as error:
                _log.info("waiting for the embedding models", reason=error.message)
            await asyncio.sleep(ASK_AGAIN_SECONDS)

    async def _follow(self, catalogue: Catalogue) -> None:
        wanted = _wanted(catalogue)
        for collection, models in wanted.items():
            if collection not in self._opened:
                await self._open(collection, models)
        self._catalogue = catalogue
        self._failures = {name: failure for name, failure in self._failures.items() if name in wanted}
        for collection in {*self._opened, *catalogue.retired} - wanted.keys() - self._leaving.keys():
            leaving = asyncio.create_task(self._leave(collection, self._opened.pop(collection, None)))
            self._leaving[collection] = leaving
            leaving.add_done_callback(partial(self._forget_leaving, collection))

    async def _open(self, collection: str, models: IndexModels) -> None:
        self._failures.pop(collection, None)
        try:
            async with AsyncExitStack() as opening:
                store = await opening.enter_async_context(self.storage.open(collection, models))
                mark = TermsMark(self._folder, collection)
                if not mark.is_current:
                    await reencode(store)
                    mark.set()
                stack = opening.pop_all()
        except Exception as error:  # noqa: BLE001 - neither engine raises anything narrower over damaged files
            self._failures[collection] = error if isinstance(error, CodeMuseError) else IndexDamaged(_reason(error))
            _log.exception("index cannot be opened", collection=collection)
            return
        remote = RemoteEmbedder(self._embeddings, models, cache_entries=self._cache_entries)
        self._opened[collection] = _Opened(Index(store, GuardedEmbedder(remote, models, self.served)), stack)
        _log.info("index open", collection=collection)

    async def _leave(self, collection: str, opened: _Opened | None) -> None:
        """Close a collection that is not searched any more, once nobody reads it, and throw it away."""
        try:
            await asyncio.sleep(self._pace.grace_seconds)
        finally:
            if opened is not None:
                await opened.stack.aclose()
        while True:
            try:
                return await self._throw_away(collection)
            except (CodeMuseError, OSError) as error:
                _log.warning("collection cannot be removed yet", collection=collection, reason=_reason(error))
                await asyncio.sleep(self._pace.look_seconds)

    def _forget_leaving(self, collection: str, _: asyncio.Task[None]) -> None:
        del self._leaving[collection]

    async def _throw_away(self, collection: str) -> None:
        async def forget(catalogue: Catalogue) -> Catalogue:
            left = [name for name in catalogue.retired if name != collection]
            return catalogue.model_copy(update={"retired": left})

        if collection in _wanted(self.catalogue):
            return  # it was begun again
        await self.storage.drop(collection)
        TermsMark(self._folder, collection).remove()
        await self.change(forget)
        _log.info("collection removed", collection=collection)


def _wanted(catalogue: Catalogue) -> dict[str, IndexModels]:
    """What is to be open."""
    wanted: dict[str, IndexModels] = {catalogue.current: catalogue}
    if catalogue.build is not None:
        wanted[catalogue.build.collection] = catalogue.build
    return wanted


def _named(error: Exception) -> CodeMuseError:
    if isinstance(error, CodeMuseError):
        return error
    return IndexFolderUnusable(_reason(error)) if isinstance(error, OSError) else IndexDamaged(_reason(error))


def _reason(error: Exception) -> str:
    return " ".join(str(error).split())[:200] or type(error).__name__

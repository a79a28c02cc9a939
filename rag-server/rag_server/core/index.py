"""The open index: a store bound to the models its vectors are made with.

A collection is named after the models, so that vectors of different models are never mixed; terms of an older release are
encoded anew before the index opens. Which models there are is asked from embedding-server and remembered, so that a
restart can serve keyword search while embedding-server is away.
"""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from codemuse.clients.embedding import EmbeddingClient
from codemuse.errors import CodeMuseError
from codemuse.logging import get_logger
from rag_server.core.embedder import Embedder, IndexModels, RemoteEmbedder, pick_models
from rag_server.core.errors import IndexOpening
from rag_server.core.reencoding import TermsMark, reencode
from rag_server.core.store import VectorStore

_log = get_logger(__name__)

ASK_AGAIN_SECONDS = 1.0
FORMAT = 2
"""Goes up when points of before cannot be read any more; terms have a version of their own (``reencoding``)."""

OpenStore = Callable[[str, IndexModels], AbstractAsyncContextManager[VectorStore]]
"""Opens the named collection for a pair of models."""


@dataclass(frozen=True, slots=True)
class Index:
    """Where points are kept and what makes their vectors."""

    store: VectorStore
    embedder: Embedder


class IndexOpener:
    """Opens the index as soon as the models are known, and holds it."""

    def __init__(
        self, asking: EmbeddingClient, embeddings: EmbeddingClient, open_store: OpenStore, remembered: Path
    ) -> None:
        self._asking = asking
        self._embeddings = embeddings
        self._open_store = open_store
        self._remembered = remembered
        self._index: Index | None = None
        self._failure: CodeMuseError | None = None

    @property
    def index(self) -> Index:
        """The open index.

        Raises:
            IndexOpening: It is not open yet.
            Unavailable: It cannot be opened; the message says why.
        """
        if self._failure:
            raise self._failure.with_traceback(None)
        if self._index is None:
            raise IndexOpening
        return self._index

    @asynccontextmanager
    async def running(self, *, cache_entries: int) -> AsyncIterator["IndexOpener"]:
        """Open the index in the background and close it at the end."""
        async with AsyncExitStack() as stack:
            opening = asyncio.create_task(self._open(stack, cache_entries), name="open-index")
            try:
                yield self
            finally:
                opening.cancel()
                await asyncio.wait([opening])
                self._index = None

    async def _open(self, stack: AsyncExitStack, cache_entries: int) -> None:
        models = self._recall() or await self._ask()
        try:
            await self._renew_terms(models)
            store = await stack.enter_async_context(self._open_store(collection_name(models), models))
        except CodeMuseError as error:
            self._failure = error
            _log.exception("index cannot be opened")
            return
        self._index = Index(store, RemoteEmbedder(self._embeddings, models, cache_entries=cache_entries))
        _log.info("index open", collection=collection_name(models))
        current = await self._ask()
        self._remember(current)
        if current != models:
            _log.warning("the embedding models have changed; restart to build an index for them")

    async def _renew_terms(self, models: IndexModels) -> None:
        """Bring an index of an older release to today's terms before anybody searches it."""
        mark = TermsMark(self._remembered.parent, collection_name(models))
        if not mark.is_current:
            async with self._open_store(collection_name(models), models) as store:
                await reencode(store)
            mark.set()

    async def _ask(self) -> IndexModels:
        while True:
            try:
                if models := pick_models((await self._asking.list_models()).data):
                    return models
            except CodeMuseError as error:
                _log.info("waiting for the embedding models", reason=error.message)
            await asyncio.sleep(ASK_AGAIN_SECONDS)

    def _recall(self) -> IndexModels | None:
        try:
            return IndexModels.model_validate_json(self._remembered.read_bytes())
        except (FileNotFoundError, ValidationError):
            return None

    def _remember(self, models: IndexModels) -> None:
        self._remembered.parent.mkdir(parents=True, exist_ok=True)
        temporary = self._remembered.with_suffix(".new")
        temporary.write_text(models.model_dump_json(), encoding="utf-8")
        temporary.replace(self._remembered)


def collection_name(models: IndexModels) -> str:
    """A name that changes with the models and with how chunks are written down."""
    fingerprints = f"{FORMAT}:{models.fast.fingerprint}:{models.dense.fingerprint}"
    return f"chunks-{hashlib.sha256(fingerprints.encode()).hexdigest()[:12]}"

"""The configured models and whether they can be used yet."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field

from codemuse.errors import CodeMuseError
from codemuse.logging import get_logger
from embedding_server.core.backend import Backend, ModelCard
from embedding_server.core.batcher import Batcher
from embedding_server.core.errors import ModelFailed, ModelLoading, UnknownModel
from embedding_server.core.metrics import WAITING_TOKENS

_log = get_logger(__name__)

RETRY_AFTER_SECONDS = 3


@dataclass(slots=True)
class _Slot:
    """One model: loading until ``settled``, then ready or failed."""

    settled: asyncio.Event = field(default_factory=asyncio.Event)
    batcher: Batcher | None = None
    failure: str = ""


class ModelRegistry:
    """Hands out the batchers of models; models are loaded in the background, in the order they are given."""

    def __init__(
        self, loaders: Mapping[str, Callable[[], Backend]], *, queue_tokens: int, loading_wait_seconds: float
    ) -> None:
        self._loaders = loaders
        self._queue_tokens = queue_tokens
        self._loading_wait_seconds = loading_wait_seconds
        self._slots = {model_id: _Slot() for model_id in loaders}

    @property
    def model_ids(self) -> list[str]:
        """All configured models, the first one being the most important."""
        return list(self._slots)

    def list_ready(self) -> list[ModelCard]:
        """The models that are in memory."""
        return [slot.batcher.backend.card for slot in self._slots.values() if slot.batcher]

    def describe_missing(self, model_id: str) -> str:
        """Why a model cannot be used; empty when it can."""
        slot = self._slots[model_id]
        return "" if slot.batcher else slot.failure or "loading"

    async def get(self, model_id: str) -> Batcher:
        """The batcher of a model; waits a moment for one that is still being loaded.

        Raises:
            UnknownModel: No such model is configured.
            ModelLoading: It takes longer than callers should wait.
            ModelFailed: It could not be loaded.
        """
        slot = self._slots.get(model_id)
        if slot is None:
            raise UnknownModel(model_id, self.model_ids)
        if not slot.settled.is_set():
            try:
                await asyncio.wait_for(slot.settled.wait(), self._loading_wait_seconds)
            except TimeoutError:
                raise ModelLoading(model_id, RETRY_AFTER_SECONDS) from None
        if slot.batcher is None:
            raise ModelFailed(model_id, slot.failure)
        return slot.batcher

    @asynccontextmanager
    async def running(self) -> AsyncIterator["ModelRegistry"]:
        """Load and serve the models while the context is open."""
        async with AsyncExitStack() as batchers:
            loading = asyncio.create_task(self._load_all(batchers), name="load-models")
            try:
                yield self
            finally:
                loading.cancel()
                await asyncio.wait([loading])

    async def _load_all(self, batchers: AsyncExitStack) -> None:
        for model_id, load in self._loaders.items():
            slot = self._slots[model_id]
            outcome = asyncio.get_running_loop().run_in_executor(None, load)
            await asyncio.wait([outcome])
            if error := outcome.exception():
                slot.failure = error.message if isinstance(error, CodeMuseError) else type(error).__name__
                _log.error("model failed", model=model_id, exc_info=error)
            else:
                batcher = Batcher(outcome.result(), capacity_tokens=self._queue_tokens)
                slot.batcher = await batchers.enter_async_context(batcher.running())
                WAITING_TOKENS.labels(model_id).set_function(batcher.count_waiting_tokens)
                _log.info("model ready", model=model_id, dimensions=batcher.backend.card.dimensions)
            slot.settled.set()

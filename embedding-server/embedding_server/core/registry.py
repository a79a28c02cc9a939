"""The configured models: loaded at start or when first asked for, unloaded when asked or idle, counted all along."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Literal

from codemuse.errors import CodeMuseError
from codemuse.logging import get_logger
from embedding_server.core.backend import Backend, ModelCard
from embedding_server.core.batcher import Batcher
from embedding_server.core.errors import ModelBusy, ModelFailed, ModelLoading, UnknownModel
from embedding_server.core.metrics import MODEL_MEMORY, WAITING_TOKENS

_log = get_logger(__name__)

RETRY_AFTER_SECONDS = 3
IDLE_CHECKS = 10
"""How often within the time after which a model is unloaded it is looked whether that time is over."""

ModelState = Literal["unloaded", "loading", "ready", "failed"]


@dataclass(frozen=True, slots=True)
class ModelPlan:
    """How a model is brought into memory."""

    load: Callable[[], Backend]
    at_start: bool = True
    """Whether the service is incomplete without it; others are loaded when somebody asks for them."""


@dataclass(frozen=True, slots=True)
class RegistryPolicy:
    """What the models may use."""

    queue_tokens: int
    """Tokens that may wait per model."""
    loading_wait_seconds: float
    """How long a request waits for a model that is being loaded."""
    idle_seconds: float = 0
    """Unused for so long, a model is unloaded; 0 keeps all."""


@dataclass(slots=True)
class ModelUse:
    """What was asked of a model since the service started."""

    requests: int = 0
    texts: int = 0
    tokens: int = 0
    last_used_at: float | None = None
    """Seconds since the epoch."""

    def count(self, texts: int, tokens: int) -> None:
        """Add a request."""
        self.requests += 1
        self.texts += texts
        self.tokens += tokens
        self.last_used_at = time.time()


@dataclass(slots=True)
class Model:
    """One model and where it stands."""

    id: str
    plan: ModelPlan
    state: ModelState = "unloaded"
    failure: str = ""
    card: ModelCard | None = None
    """Known once it was loaded, and still known when it has been unloaded."""
    batcher: Batcher | None = None
    loaded_at: float | None = None
    use: ModelUse = field(default_factory=ModelUse)
    settled: asyncio.Event = field(default_factory=asyncio.Event)
    resources: AsyncExitStack = field(default_factory=AsyncExitStack)


class ModelRegistry:
    """Hands out the batchers of models. One model is loaded at a time."""

    def __init__(self, plans: Mapping[str, ModelPlan], policy: RegistryPolicy) -> None:
        self._policy = policy
        self._models = {model_id: Model(model_id, plan) for model_id, plan in plans.items()}
        self._turn = asyncio.Lock()
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def models(self) -> list[Model]:
        """All configured models, the first one being the most important."""
        return list(self._models.values())

    def list_usable(self) -> list[ModelCard]:
        """The models that answer, some perhaps after being loaded again."""
        return [model.card for model in self.models if model.card and model.state != "failed"]

    def describe_missing(self, model_id: str) -> str:
        """Why a model cannot be used; empty when it can."""
        model = self._models[model_id]
        return "" if model.card and model.state != "failed" else model.failure or "loading"

    def find(self, model_id: str) -> Model:
        """A configured model.

        Raises:
            UnknownModel: No such model is configured.
        """
        if model_id not in self._models:
            raise UnknownModel(model_id, list(self._models))
        return self._models[model_id]

    async def get(self, model_id: str) -> Batcher:
        """The batcher of a model; waits a moment for one that is still being loaded.

        Raises:
            UnknownModel: No such model is configured.
            ModelLoading: It takes longer than callers should wait.
            ModelFailed: It could not be loaded.
        """
        model = self.find(model_id)
        if model.batcher is None:
            self.load(model)
            try:
                await asyncio.wait_for(model.settled.wait(), self._policy.loading_wait_seconds)
            except TimeoutError:
                raise ModelLoading(model_id, RETRY_AFTER_SECONDS) from None
        if model.batcher is None:
            raise ModelFailed(model_id, model.failure)
        return model.batcher

    def load(self, model: Model, *, again: bool = False) -> None:
        """Begin to load a model, unless it is there, on its way or has failed.

        Args:
            model: Which.
            again: Try one that has failed once more.
        """
        if model.state == "unloaded" or (again and model.state == "failed"):
            model.state, model.failure = "loading", ""
            model.settled.clear()
            task = asyncio.create_task(self._load(model), name=f"load {model.id}")
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def unload(self, model: Model) -> None:
        """Free a model's memory; the next request loads it again. Unloading one that is not there is fine.

        Raises:
            ModelBusy: It is being loaded or computes.
        """
        if model.state == "loading" or (model.batcher and not model.batcher.is_idle):
            raise ModelBusy(model.id)
        if model.batcher is None:
            return
        model.batcher, model.state, model.loaded_at = None, "unloaded", None
        MODEL_MEMORY.labels(model.id).set(0)
        # What is closed is taken out first: a request may load the model again meanwhile.
        await model.resources.pop_all().aclose()
        _log.info("model unloaded", model=model.id)

    @asynccontextmanager
    async def running(self) -> AsyncIterator["ModelRegistry"]:
        """Serve the models while the context is open; those that are wanted at start begin to load."""
        for model in self.models:
            if model.plan.at_start:
                self.load(model)
        if self._policy.idle_seconds:
            self._tasks.add(asyncio.create_task(self._unload_idle(), name="unload-idle"))
        try:
            yield self
        finally:
            tasks = list(self._tasks)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            for model in self.models:
                await model.resources.aclose()

    async def _load(self, model: Model) -> None:
        async with self._turn:
            outcome = asyncio.get_running_loop().run_in_executor(None, model.plan.load)
            await asyncio.wait([outcome])
            if error := outcome.exception():
                model.state = "failed"
                model.failure = error.message if isinstance(error, CodeMuseError) else type(error).__name__
                _log.error("model failed", model=model.id, exc_info=error)
            else:
                batcher = Batcher(outcome.result(), capacity_tokens=self._policy.queue_tokens)
                await model.resources.enter_async_context(batcher.running())
                model.card = batcher.backend.card
                model.batcher, model.state, model.loaded_at = batcher, "ready", time.time()
                WAITING_TOKENS.labels(model.id).set_function(batcher.count_waiting_tokens)
                MODEL_MEMORY.labels(model.id).set(model.card.memory_bytes)
                _log.info("model ready", model=model.id, dimensions=model.card.dimensions)
            model.settled.set()

    async def _unload_idle(self) -> None:
        while True:
            await asyncio.sleep(self._policy.idle_seconds / IDLE_CHECKS)
            for model in self.models:
                quiet_since = max(model.use.last_used_at or 0, model.loaded_at or 0)
                if model.batcher and model.batcher.is_idle and time.time() - quiet_since > self._policy.idle_seconds:
                    await self.unload(model)

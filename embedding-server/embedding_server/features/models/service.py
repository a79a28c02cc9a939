"""Tells which models there are, and brings them into memory and out of it."""

from dataclasses import asdict
from datetime import UTC, datetime

from codemuse.contracts.embedding import ModelList, ModelRead, ModelStatusList, ModelStatusRead, ModelUseRead
from embedding_server.core.registry import Model, ModelRegistry


class ModelService:
    """Models, for clients and for operators."""

    def __init__(self, registry: ModelRegistry) -> None:
        self._registry = registry

    def list_usable(self) -> ModelList:
        """The models that answer."""
        return ModelList(data=[ModelRead.model_validate(asdict(card)) for card in self._registry.list_usable()])

    def list_status(self) -> ModelStatusList:
        """Every configured model, with where it stands and what was asked of it."""
        return ModelStatusList(items=[_read(model) for model in self._registry.models])

    def load(self, model_id: str) -> ModelStatusRead:
        """Begin to load a model; one that has failed is tried again.

        Raises:
            UnknownModel: No such model is configured.
        """
        model = self._registry.find(model_id)
        self._registry.load(model, again=True)
        return _read(model)

    async def unload(self, model_id: str) -> ModelStatusRead:
        """Free a model's memory until somebody asks for it.

        Raises:
            UnknownModel: No such model is configured.
            ModelBusy: It is being loaded or computes.
        """
        model = self._registry.find(model_id)
        await self._registry.unload(model)
        return _read(model)


def _read(model: Model) -> ModelStatusRead:
    card = asdict(model.card) if model.card else {}
    facts = ("kind", "dimensions", "max_tokens", "precision", "device", "workers")
    return ModelStatusRead(
        id=model.id,
        state=model.state,
        failure=model.failure,
        at_start=model.plan.at_start,
        memory_bytes=model.card.memory_bytes if model.card and model.batcher else 0,
        waiting_tokens=model.batcher.count_waiting_tokens() if model.batcher else 0,
        loaded_at=_moment(model.loaded_at),
        use=ModelUseRead(
            requests=model.use.requests,
            texts=model.use.texts,
            tokens=model.use.tokens,
            last_used_at=_moment(model.use.last_used_at),
        ),
        **{name: card.get(name) for name in facts},
    )


def _moment(seconds: float | None) -> datetime | None:
    return datetime.fromtimestamp(seconds, UTC) if seconds is not None else None

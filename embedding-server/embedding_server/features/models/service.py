"""Tells which models can be used and what they are."""

from dataclasses import asdict

from codemuse.contracts.embedding import ModelList, ModelRead
from embedding_server.core.registry import ModelRegistry


class ModelService:
    """Lists models."""

    def __init__(self, registry: ModelRegistry) -> None:
        self._registry = registry

    def list_models(self) -> ModelList:
        """The models that are in memory."""
        return ModelList(data=[ModelRead.model_validate(asdict(card)) for card in self._registry.list_ready()])

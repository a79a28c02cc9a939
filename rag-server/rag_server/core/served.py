"""Which models embedding-server serves at the moment: vectors of an index must never be compared with those of another one's."""

import asyncio
from collections.abc import Sequence

from codemuse.clients.embedding import EmbeddingClient
from codemuse.contracts.embedding import ModelRead
from codemuse.errors import CodeMuseError, Unavailable
from rag_server.core.embedder import Embedder, IndexModel, IndexModels, Vector, pick_models
from rag_server.core.errors import ModelsChanged
from rag_server.core.store import VectorName

_MODEL_NAMES = (VectorName.FAST, VectorName.DENSE)


class ServedModels:
    """What was last heard from embedding-server."""

    def __init__(self, client: EmbeddingClient) -> None:
        self._client = client
        self._served: dict[str, ModelRead] | None = None
        self._asking = asyncio.Lock()
        self.pair: IndexModels | None = None
        """The pair that a new index would be made with."""

    async def ask(self) -> IndexModels | None:
        """Hear what is served; the pair to index with, once both models are there.

        Raises:
            CodeMuseError: embedding-server does not tell.
        """
        try:
            served = (await self._client.list_models()).data
        except CodeMuseError:
            self.forget()
            raise
        self._served = {model.id: model for model in served}
        self.pair = pick_models(served) or self.pair
        return pick_models(served)

    def forget(self) -> None:
        """It was away: it may come back with other models."""
        self._served = None

    async def know(self) -> None:
        """Make sure that something is known.

        Raises:
            CodeMuseError: embedding-server does not tell.
        """
        if self._served is None:
            async with self._asking:
                if self._served is None:
                    await self.ask()

    def has_replaced(self, model: IndexModel) -> bool:
        """Whether the model is known not to be served any more: there is a whole pair without it, or it has other weights.

        One that is only missing is being loaded.
        """
        if self._served is None:
            return False
        now = self._served.get(model.id)
        if now is None:
            return pick_models(list(self._served.values())) is not None
        return now.fingerprint is not None and now.fingerprint != model.fingerprint


class GuardedEmbedder:
    """Embeds with the models of an index as long as they are served.

    Args:
        inner: Embeds.
        models: What the index was made with.
        served: Says what is served.
    """

    def __init__(self, inner: Embedder, models: IndexModels, served: ServedModels) -> None:
        self._inner = inner
        self._models = models
        self._served = served

    async def embed_texts(self, name: VectorName, texts: Sequence[str]) -> list[Vector]:
        """Vectors for texts of the index, in order.

        Raises:
            ModelsChanged: The index was made with another model.
        """
        if not texts:
            return []
        await self._served.know()
        if self._served.has_replaced(self._models.of(name)):
            raise ModelsChanged
        try:
            return await self._inner.embed_texts(name, texts)
        except Unavailable:
            self._served.forget()
            raise

    async def embed_query(self, query: str) -> dict[VectorName, Vector]:
        """The vectors of a question, from those models of the index that are still served.

        Raises:
            ModelsChanged: None of them is.
        """
        await self._served.know()
        names = [name for name in _MODEL_NAMES if not self._served.has_replaced(self._models.of(name))]
        if not names:
            raise ModelsChanged
        try:
            if len(names) == len(_MODEL_NAMES):
                return await self._inner.embed_query(query)
            return {name: (await self._inner.embed_texts(name, [query]))[0] for name in names}
        except Unavailable:
            self._served.forget()
            raise

"""Orders the best results anew by a model that reads question and passage together."""

from collections.abc import Sequence
from dataclasses import dataclass

from codemuse.clients.embedding import EmbeddingClient
from codemuse.contracts.rag import Signal
from codemuse.errors import CodeMuseError
from codemuse.logging import get_logger
from rag_server.core.points import embedded_text
from rag_server.features.search.candidates import Candidate
from rag_server.features.search.rules import order
from rag_server.features.search.weights import Weights

_log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Reranking:
    """The second look at the first results."""

    client: EmbeddingClient
    model: str
    depth: int

    async def apply(self, question: str, candidates: list[Candidate], weights: Weights) -> list[str]:
        """Raise the best candidates by what the model says of them, and order them anew in place.

        It only raises, so that none falls behind what the model has not read.

        Returns:
            What could not take part.
        """
        best = candidates[: self.depth]
        if not weights.rerank or len(best) < 2:
            return []
        try:
            scores = await self._read(question, best)
        except CodeMuseError as error:
            _log.warning("search without the reranker", reason=error.message)
            return [Signal.RERANK.value]
        for candidate, score in zip(best, scores, strict=True):
            candidate.rerank = 1.0 + weights.rerank * min(max(score, 0.0), 1.0)
            candidate.score *= candidate.rerank
        candidates.sort(key=order)
        return []

    async def _read(self, question: str, candidates: Sequence[Candidate]) -> list[float]:
        chunks = [candidate.chunk for candidate in candidates]
        texts = [embedded_text(chunk.symbol, chunk.signature, chunk.text) for chunk in chunks]
        return await self.client.rerank(question, texts, model=self.model)

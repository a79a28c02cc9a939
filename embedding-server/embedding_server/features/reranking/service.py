"""Orders documents by a cross-encoder where one is configured, else by an embedding model."""

from collections.abc import Mapping

from codemuse.contracts.embedding import EmbeddingUsage, RerankDocument, RerankReply, RerankRequest, RerankResult
from embedding_server.core.registry import ModelRegistry
from embedding_server.core.reranking import EmbeddingReranker, Reranker


class RerankingService:
    """Reranks."""

    def __init__(self, registry: ModelRegistry, cross_encoders: Mapping[str, Reranker]) -> None:
        self._registry = registry
        self._cross_encoders = cross_encoders

    async def rerank(self, request: RerankRequest) -> RerankReply:
        """The documents, best first; equal scores in the order in which they were sent.

        Raises:
            UnknownModel: No such model is configured.
            Unavailable: The model is not in memory.
            TooManyRequests: Too much is waiting already.
        """
        reranker = self._cross_encoders.get(request.model) or EmbeddingReranker(self._registry, request.model)
        scores = await reranker.score(request.query, request.documents)
        order = sorted(range(len(request.documents)), key=lambda index: -scores.values[index])
        results = [
            RerankResult(
                index=index,
                relevance_score=scores.values[index],
                document=RerankDocument(text=request.documents[index]) if request.return_documents else None,
            )
            for index in order[: request.top_n]
        ]
        usage = EmbeddingUsage(prompt_tokens=scores.tokens, total_tokens=scores.tokens)
        return RerankReply(model=request.model, results=results, usage=usage)

"""Shows the models of embedding-server to those who run the installation, and lets them free memory."""

from codemuse.clients.embedding import EmbeddingClient
from codemuse.contracts.embedding import ModelChange, ModelStatusList, ModelStatusRead
from codemuse.database import Sessions
from orchestrator.core.audit import record
from orchestrator.core.operators import require_operator
from orchestrator.core.principal import Principal


class EmbeddingModelService:
    """Models that make vectors, for operators."""

    def __init__(self, sessions: Sessions, embeddings: EmbeddingClient) -> None:
        self._sessions = sessions
        self._embeddings = embeddings

    async def list_all(self, principal: Principal) -> ModelStatusList:
        """Every configured model."""
        async with self._sessions() as session:
            await require_operator(session, principal)
        return await self._embeddings.list_status()

    async def load(self, principal: Principal, change: ModelChange) -> ModelStatusRead:
        """Begin to bring a model into memory.

        Raises:
            NotFound: No such model is configured.
        """
        await self._note(principal, "embedding_model.load", change)
        return await self._embeddings.load(change)

    async def unload(self, principal: Principal, change: ModelChange) -> ModelStatusRead:
        """Free a model's memory.

        Raises:
            NotFound: No such model is configured.
            Conflict: It is being loaded or computes.
        """
        await self._note(principal, "embedding_model.unload", change)
        return await self._embeddings.unload(change)

    async def _note(self, principal: Principal, action: str, change: ModelChange) -> None:
        async with self._sessions.begin() as session:
            await require_operator(session, principal)
            record(
                session,
                action,
                organisation_id=principal.organisation_id,
                user_id=principal.user_id,
                model=change.model,
            )

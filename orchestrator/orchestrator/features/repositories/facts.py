"""What docgen-server knows of a repository's published commit."""

from codemuse.clients.docgen import DocgenClient
from codemuse.contracts.docgen import GraphRead, ProblemPage, SymbolPage
from codemuse.database import Sessions
from codemuse.http import Params
from orchestrator.core.principal import Principal
from orchestrator.db.repositories import RepositoryLookup


class FactsService:
    """Graph, symbols and problems."""

    def __init__(self, sessions: Sessions, docgen: DocgenClient) -> None:
        self._sessions = sessions
        self._docgen = docgen

    async def get_graph(self, principal: Principal, repository_id: str, params: Params) -> GraphRead:
        """The dependency graph."""
        return await self._docgen.get_graph(await self._snapshot(principal, repository_id), params)

    async def get_symbols(self, principal: Principal, repository_id: str, params: Params) -> SymbolPage:
        """Definitions."""
        return await self._docgen.get_symbols(await self._snapshot(principal, repository_id), params)

    async def get_problems(self, principal: Principal, repository_id: str, params: Params) -> ProblemPage:
        """Problems."""
        return await self._docgen.get_problems(await self._snapshot(principal, repository_id), params)

    async def _snapshot(self, principal: Principal, repository_id: str) -> str:
        async with self._sessions() as session:
            _, snapshot_id = await RepositoryLookup(session, principal.organisation_id).get_indexed(repository_id)
        return snapshot_id

"""What docgen-server knows of a repository's published commit."""

from codemuse.clients.docgen import DocgenClient
from codemuse.contracts.accounts import ApiKeyScope
from codemuse.contracts.docgen import GraphRead, SymbolPage
from codemuse.contracts.findings import (
    CoverageRead,
    HistoryRead,
    PackageList,
    ProblemPage,
    ReportAccepted,
    Sarif,
    TestReportRead,
)
from codemuse.database import Sessions
from codemuse.http import Params
from orchestrator.core.principal import Principal
from orchestrator.db.repositories import RepositoryLookup


class FactsService:
    """Graph, symbols, problems, packages, history and reports."""

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

    async def export_problems(self, principal: Principal, repository_id: str, params: Params) -> Sarif:
        """Problems as a SARIF log."""
        return await self._docgen.export_problems(await self._snapshot(principal, repository_id), params)

    async def get_packages(self, principal: Principal, repository_id: str) -> PackageList:
        """Packages from outside."""
        return await self._docgen.get_packages(await self._snapshot(principal, repository_id))

    async def get_history(self, principal: Principal, repository_id: str, params: Params) -> HistoryRead:
        """Files by how much their changes cost."""
        return await self._docgen.get_history(await self._snapshot(principal, repository_id), params)

    async def get_coverage(self, principal: Principal, repository_id: str, params: Params) -> CoverageRead:
        """Which files tests run."""
        return await self._docgen.get_coverage(await self._snapshot(principal, repository_id), params)

    async def get_tests(self, principal: Principal, repository_id: str, params: Params) -> TestReportRead:
        """How the tests ended."""
        return await self._docgen.get_tests(await self._snapshot(principal, repository_id), params)

    async def upload_report(
        self, principal: Principal, repository_id: str, kind: str, commit: str, report: bytes
    ) -> ReportAccepted:
        """Add a report of a CI job."""
        principal.require(ApiKeyScope.INDEX)
        async with self._sessions() as session:
            await RepositoryLookup(session, principal.organisation_id).get(repository_id)
        return await self._docgen.upload_report(repository_id, kind, commit, report)

    async def _snapshot(self, principal: Principal, repository_id: str) -> str:
        async with self._sessions() as session:
            _, snapshot_id = await RepositoryLookup(session, principal.organisation_id).get_indexed(repository_id)
        return snapshot_id

"""Routes for what is known of a repository's code."""

from typing import Annotated

from fastapi import APIRouter, Query, Request

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
from orchestrator.core.access import Caller
from orchestrator.core.conditional import ConditionalRoute
from orchestrator.features.facts.dependencies import Service
from orchestrator.features.facts.schemas import (
    GraphQuery,
    HistoryQuery,
    ProblemFilter,
    ProblemQuery,
    SymbolQuery,
)

router = APIRouter(prefix="/api/v1/repositories/{repository_id}", tags=["facts"], route_class=ConditionalRoute)

Commit = Annotated[str, Query(pattern=r"^[0-9A-Za-z._-]{1,64}$", examples=["9fceb02d0ae598e95dc970b74767f19372d61af8"])]
_UPLOAD = {
    "requestBody": {
        "required": True,
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}


@router.get("/graph")
async def get_repository_graph(
    repository_id: str, caller: Caller, service: Service, query: Annotated[GraphQuery, Query()]
) -> GraphRead:
    """Who depends on whom; ``level=symbol`` with ``direction=dependents`` answers what a change may break."""
    return await service.get_graph(caller, repository_id, query.model_dump())


@router.get("/symbols")
async def list_repository_symbols(
    repository_id: str, caller: Caller, service: Service, query: Annotated[SymbolQuery, Query()]
) -> SymbolPage:
    """Definitions."""
    return await service.get_symbols(caller, repository_id, query.model_dump())


@router.get("/problems")
async def list_repository_problems(
    repository_id: str, caller: Caller, service: Service, query: Annotated[ProblemQuery, Query()]
) -> ProblemPage:
    """What in the code a person should look at."""
    return await service.get_problems(caller, repository_id, query.model_dump())


@router.get("/problems.sarif", response_model_by_alias=True)
async def export_repository_problems(
    repository_id: str, caller: Caller, service: Service, query: Annotated[ProblemFilter, Query()]
) -> Sarif:
    """Problems as a SARIF 2.1.0 log, for code hosts and editors."""
    return await service.export_problems(caller, repository_id, query.model_dump())


@router.get("/packages")
async def list_repository_packages(repository_id: str, caller: Caller, service: Service) -> PackageList:
    """What the manifests ask for from outside, with versions."""
    return await service.get_packages(caller, repository_id)


@router.get("/history")
async def get_repository_history(
    repository_id: str, caller: Caller, service: Service, query: Annotated[HistoryQuery, Query()]
) -> HistoryRead:
    """Files that change often and are large; of one file, when each definition was last touched."""
    return await service.get_history(caller, repository_id, query.model_dump())


@router.get("/coverage")
async def get_repository_coverage(
    repository_id: str, caller: Caller, service: Service, query: Annotated[HistoryQuery, Query()]
) -> CoverageRead:
    """Which files tests run, the least covered first; of one file its definitions too."""
    return await service.get_coverage(caller, repository_id, query.model_dump())


@router.post("/coverage", openapi_extra=_UPLOAD)
async def upload_repository_coverage(
    repository_id: str, caller: Caller, service: Service, commit: Commit, request: Request
) -> ReportAccepted:
    """Take coverage as Cobertura XML, lcov or the JSON of coverage.py; jobs of one commit add up."""
    return await service.upload_report(caller, repository_id, "coverage", commit, await request.body())


@router.get("/tests")
async def get_repository_tests(repository_id: str, caller: Caller, service: Service) -> TestReportRead:
    """How the tests ended: failures first, then the slowest."""
    return await service.get_tests(caller, repository_id, {})


@router.post("/tests", openapi_extra=_UPLOAD)
async def upload_repository_tests(
    repository_id: str, caller: Caller, service: Service, commit: Commit, request: Request
) -> ReportAccepted:
    """Take test results as JUnit XML."""
    return await service.upload_report(caller, repository_id, "tests", commit, await request.body())

"""Routes of reports."""

from typing import Annotated

from fastapi import APIRouter, Query, Request

from codemuse.contracts.common import Identifier, RepositoryPath
from codemuse.contracts.findings import CoverageRead, ReportAccepted, TestReportRead
from docgen_server.features.reports.dependencies import Reports

router = APIRouter(prefix="/api/v1", tags=["reports"])

Commit = Annotated[str, Query(pattern=r"^[0-9A-Za-z._-]{1,64}$")]


@router.post("/repositories/{repository_id}/coverage")
async def upload_coverage(
    repository_id: Identifier, commit: Commit, request: Request, reports: Reports
) -> ReportAccepted:
    """Take coverage as Cobertura XML, lcov or the JSON of coverage.py; jobs of one commit add up."""
    return await reports.add_coverage(repository_id, commit, await request.body())


@router.post("/repositories/{repository_id}/tests")
async def upload_tests(repository_id: Identifier, commit: Commit, request: Request, reports: Reports) -> ReportAccepted:
    """Take test results as JUnit XML; a test that is reported again counts as it ended last."""
    return await reports.add_tests(repository_id, commit, await request.body())


@router.get("/snapshots/{snapshot_id}/coverage")
async def get_coverage(
    snapshot_id: Identifier,
    reports: Reports,
    path: RepositoryPath | None = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> CoverageRead:
    """Which files tests run, the least covered first; of one file its definitions too."""
    return await reports.coverage(snapshot_id, path, limit)


@router.get("/snapshots/{snapshot_id}/tests")
async def get_tests(
    snapshot_id: Identifier, reports: Reports, limit: Annotated[int, Query(ge=1, le=1000)] = 100
) -> TestReportRead:
    """How the tests ended: failures first, then the slowest."""
    return await reports.tests(snapshot_id, limit)

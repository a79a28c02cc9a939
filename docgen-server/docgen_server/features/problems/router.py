"""Routes of problems."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query

from codemuse.contracts.common import Identifier, RepositoryPath
from codemuse.contracts.findings import PackageList, ProblemPage, RuleList, Sarif
from docgen_server.features.problems.dependencies import Problems
from docgen_server.features.problems.repository import ProblemFilter
from docgen_server.features.problems.service import list_rules

router = APIRouter(prefix="/api/v1", tags=["problems"])

Rule = Annotated[str | None, Query(max_length=60)]
Severity = Literal["error", "warning", "note"]


@router.get("/snapshots/{snapshot_id}/problems")
async def list_problems(
    snapshot_id: Identifier,
    problems: Problems,
    rule: Rule = None,
    path: RepositoryPath | None = None,
    severity: Severity | None = None,
    cursor: str | None = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> ProblemPage:
    """What a person should look at, in path and line order, and how often each rule objects."""
    return await problems.list_problems(snapshot_id, ProblemFilter(rule, path, severity), cursor=cursor, limit=limit)


@router.get("/snapshots/{snapshot_id}/problems.sarif", response_model_by_alias=True)
async def export_problems(
    snapshot_id: Identifier,
    problems: Problems,
    rule: Rule = None,
    path: RepositoryPath | None = None,
    severity: Severity | None = None,
) -> Sarif:
    """The same as a SARIF 2.1.0 log, for code hosts and editors."""
    return await problems.export(snapshot_id, ProblemFilter(rule, path, severity))


@router.get("/snapshots/{snapshot_id}/packages")
async def list_packages(snapshot_id: Identifier, problems: Problems) -> PackageList:
    """What the manifests ask for from outside, with versions."""
    return await problems.list_packages(snapshot_id)


@router.get("/rules")
async def get_rules() -> RuleList:
    """Every rule that problems are found by."""
    return list_rules()

"""Routes of problems."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query

from codemuse.contracts.common import Identifier, RepositoryPath
from codemuse.contracts.docgen import ProblemPage
from docgen_server.features.problems.dependencies import Problems
from docgen_server.features.problems.repository import ProblemFilter

router = APIRouter(prefix="/api/v1/snapshots", tags=["problems"])


@router.get("/{snapshot_id}/problems")
async def list_problems(
    snapshot_id: Identifier,
    problems: Problems,
    rule: Annotated[str | None, Query(max_length=60)] = None,
    path: RepositoryPath | None = None,
    severity: Literal["error", "warning", "note"] | None = None,
    cursor: str | None = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> ProblemPage:
    """What a person should look at, in path and line order, and how often each rule objects."""
    return await problems.list_problems(snapshot_id, ProblemFilter(rule, path, severity), cursor=cursor, limit=limit)

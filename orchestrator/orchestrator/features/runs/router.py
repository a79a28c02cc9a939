"""Routes below ``/runs``."""

from typing import Annotated

from fastapi import APIRouter, Header, Query, Response

from codemuse.contracts.runs import FileState, RunAccepted, RunFilePage, RunPage, RunRead, RunStatus
from orchestrator.core.access import Caller
from orchestrator.core.pages import MAXIMUM_PAGE
from orchestrator.core.sse import event_stream
from orchestrator.features.runs.dependencies import Service
from orchestrator.features.runs.repository import RunFilter

router = APIRouter(prefix="/api/v1/runs", tags=["runs"])

Limit = Annotated[int, Query(ge=1, le=MAXIMUM_PAGE)]
Cursor = Annotated[str | None, Query(max_length=4096)]


@router.get("")
async def list_runs(
    caller: Caller,
    service: Service,
    kind: Annotated[str | None, Query(max_length=20)] = None,
    status: RunStatus | None = None,
    repository_id: Annotated[str | None, Query(max_length=64)] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> RunPage:
    """Runs, the newest first."""
    return await service.list_page(caller, RunFilter(kind, status, repository_id), cursor, limit)


@router.get("/{run_id}")
async def get_run(run_id: str, caller: Caller, service: Service) -> RunRead:
    """One run with its steps and progress."""
    return await service.get(caller, run_id)


@router.get("/{run_id}/files")
async def list_run_files(
    run_id: str,
    caller: Caller,
    service: Service,
    state: FileState | None = None,
    cursor: Cursor = None,
    limit: Limit = 100,
) -> RunFilePage:
    """The ledger: what became of each file."""
    return await service.list_files(caller, run_id, state, cursor, limit)


@router.get("/{run_id}/events", response_class=Response, responses={200: {"content": {"text/event-stream": {}}}})
async def follow_run(
    run_id: str,
    caller: Caller,
    service: Service,
    after: Annotated[int, Query(ge=0)] = 0,
    last_event_id: Annotated[int | None, Header(alias="Last-Event-ID", ge=0)] = None,
) -> Response:
    """The run's events as they come; resumes after ``after`` or ``Last-Event-ID``."""
    return event_stream(await service.follow(caller, run_id, max(after, last_event_id or 0)))


@router.post("/{run_id}/cancel", status_code=202)
async def cancel_run(run_id: str, caller: Caller, service: Service) -> RunAccepted:
    """Ask a run to stop."""
    return await service.cancel(caller, run_id)

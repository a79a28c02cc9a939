"""Repositories as the API shows them."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from codemuse.contracts.repositories import RepositoryRead, RepositoryStatus
from codemuse.contracts.runs import RunError, RunRead, RunStatus
from orchestrator.core.runs.reading import read_runs
from orchestrator.db.models import Repository
from orchestrator.features.repositories.repository import RepositoryRepository

_COLUMNS = ("id", "name", "url", "ref", "commit", "generation", "refined", "indexed_at", "created_at")


async def read_repositories(session: AsyncSession, rows: Sequence[Repository]) -> list[RepositoryRead]:
    """Repositories with the run that works on them, in the given order."""
    if not rows:
        return []
    repository = RepositoryRepository(session, rows[0].organisation_id)
    active = await repository.list_active_runs([row.id for row in rows])
    runs = {run.repository_id: run for run in reversed(await read_runs(session, active))}
    return [_read(row, runs.get(row.id)) for row in rows]


def _read(row: Repository, run: RunRead | None) -> RepositoryRead:
    return RepositoryRead.model_validate(
        {
            **{key: getattr(row, key) for key in _COLUMNS},
            **row.facts,
            "status": _status(row, run),
            "active_run": run,
            "last_error": RunError.model_validate(row.last_error) if row.last_error else None,
        }
    )


def _status(row: Repository, run: RunRead | None) -> RepositoryStatus:
    if row.generation > 0:
        return RepositoryStatus.STALE if row.last_error and run is None else RepositoryStatus.READY
    if run is not None:
        return RepositoryStatus.PENDING if run.status is RunStatus.QUEUED else RepositoryStatus.INDEXING
    return RepositoryStatus.FAILED if row.last_error else RepositoryStatus.PENDING

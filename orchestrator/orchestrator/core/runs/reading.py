"""Runs as the API shows them."""

from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from codemuse.contracts.runs import FileState, ProgressRead, RunError, RunRead, StepRead
from orchestrator.core.runs.store import RunStore
from orchestrator.db.models import Repository, Run, RunFile

_FAILED = {FileState.QUARANTINED}
_OPEN = {FileState.PENDING, FileState.ANALYSED}


async def read_runs(session: AsyncSession, runs: Sequence[Run]) -> list[RunRead]:
    """Runs with their steps and progress, in the given order."""
    ids = [run.id for run in runs]
    steps = defaultdict(list)
    for step in await RunStore(session).list_steps(ids):
        steps[step.run_id].append(StepRead.model_validate(step, from_attributes=True))
    progress = await _progress(session, ids)
    names = await _repository_names(session, runs)
    return [
        RunRead.model_validate(
            {
                **{key: getattr(run, key) for key in _COLUMNS},
                "steps": steps[run.id],
                "progress": progress[run.id],
                "error": RunError.model_validate(run.error) if run.error else None,
                "repository_name": names.get(run.repository_id or ""),
            }
        )
        for run in runs
    ]


async def read_run(session: AsyncSession, run: Run) -> RunRead:
    """One run with its steps and progress."""
    return (await read_runs(session, [run]))[0]


_COLUMNS = (
    "id", "kind", "status", "repository_id", "session_id", "title", "created_at", "started_at", "finished_at",
)  # fmt: skip


async def _progress(session: AsyncSession, run_ids: Sequence[str]) -> dict[str, ProgressRead]:
    query = (
        select(RunFile.run_id, RunFile.state, func.count())
        .where(RunFile.run_id.in_(run_ids), RunFile.state != FileState.REMOVED)
        .group_by(RunFile.run_id, RunFile.state)
    )
    counted: dict[str, ProgressRead] = defaultdict(ProgressRead)
    for run_id, state, count in await session.execute(query):
        progress = counted[run_id]
        progress.total += count
        progress.analysed += 0 if state == FileState.PENDING else count
        progress.done += 0 if state in _OPEN else count
        progress.failed += count if state in _FAILED else 0
    return counted


async def _repository_names(session: AsyncSession, runs: Sequence[Run]) -> dict[str, str]:
    ids = {run.repository_id for run in runs if run.repository_id}
    if not ids:
        return {}
    rows = await session.execute(select(Repository.id, Repository.name).where(Repository.id.in_(ids)))
    return {row.id: row.name for row in rows}

"""Beginning an evaluation: on somebody's wish, or to find out whether a change of the search settings may hold."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from codemuse.contracts.runs import RunStatus
from codemuse.request_context import current_request_id
from orchestrator.core.principal import Principal
from orchestrator.core.runs.store import NewRun, RunStore
from orchestrator.core.runs.workflow import EVALUATE
from orchestrator.db.models import Evaluation, Repository, Run
from orchestrator.db.search_settings import weights_of


@dataclass(frozen=True, slots=True)
class EvaluatedVersion:
    """The version of a repository that is asked."""

    repository: Repository
    generation: int
    commit: str
    snapshot_id: str
    chunk_count: int


async def begin_evaluation(
    session: AsyncSession, principal: Principal, version: EvaluatedVersion, name: str, asked: dict[str, Any]
) -> tuple[Evaluation, Run]:
    """Store an evaluation and the run that does it.

    Args:
        session: Of the transaction that it becomes part of.
        principal: Who wants it.
        version: What is asked.
        name: What it is called in the history.
        asked: Which questions and passes, as in ``EvaluationCreate``; ``proposed`` weights and their ``change_id``.
    """
    repository = version.repository
    weights = await weights_of(session, principal.organisation_id)
    place = {
        "snapshot_id": version.snapshot_id,
        "generation": version.generation,
        "commit": version.commit,
        "chunk_count": version.chunk_count,
        "weights": weights,
    }
    run = await RunStore(session).create(
        NewRun(
            organisation_id=principal.organisation_id,
            user_id=principal.user_id,
            title=f"{repository.name}: {name}" if name else repository.name,
            input={**asked, **place},
            repository_id=repository.id,
            request_id=current_request_id(),
        ),
        EVALUATE,
    )
    evaluation = Evaluation(
        organisation_id=principal.organisation_id,
        repository_id=repository.id,
        run_id=run.id,
        name=name,
        status=RunStatus.QUEUED,
        generation=version.generation,
        commit=version.commit,
        result={"weights": weights, "kinds": [] if asked.get("questions") is not None else asked.get("sources", [])},
    )
    session.add(evaluation)
    await session.flush()
    await session.refresh(evaluation)
    return evaluation, run

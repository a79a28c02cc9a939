"""Puts the steps of an evaluation together, and stores its result however the run ends."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from codemuse.clients.docgen import DocgenClient
from codemuse.clients.rag import RagClient
from codemuse.contracts.runs import EventType
from codemuse.database import Sessions
from orchestrator.core.runs.workflow import EVALUATE, Ending, RunView, StepFunction
from orchestrator.db.models import Evaluation
from orchestrator.features.evaluations.measure import MeasureStep
from orchestrator.features.evaluations.questions import QuestionsStep


class EvaluateWorkflow:
    """From questions to figures."""

    kind = EVALUATE

    def __init__(self, sessions: Sessions, docgen: DocgenClient, rag: RagClient) -> None:
        self.steps: Mapping[str, StepFunction] = {
            "questions": QuestionsStep(sessions, docgen),
            "measure": MeasureStep(rag),
        }

    async def clean_up(self, run: RunView, ending: Ending) -> None:
        """An evaluation leaves nothing behind outside."""

    async def settle(
        self, session: AsyncSession, run: RunView, ending: Ending
    ) -> Sequence[tuple[EventType, dict[str, Any]]]:
        """Keep the result, or why there is none."""
        evaluation = await session.scalar(select(Evaluation).where(Evaluation.run_id == run.id).with_for_update())
        if evaluation is not None:
            measured = run.results.get("measure", {})
            evaluation.status = ending.status
            evaluation.result = dict(measured.get("result", {}))
            evaluation.answers = list(measured.get("answers", []))
            evaluation.error = dict(ending.error) if ending.error else None
        return []

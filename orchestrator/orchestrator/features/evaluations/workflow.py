"""Puts the steps of an evaluation together, and stores its result however the run ends."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from codemuse.clients.docgen import DocgenClient
from codemuse.clients.rag import RagClient
from codemuse.contracts.runs import EventType
from orchestrator.core.runs.workflow import EVALUATE, Ending, RunView, StepFunction
from orchestrator.db.models import Evaluation
from orchestrator.db.search_settings import decide
from orchestrator.features.evaluations.measure import MeasureStep
from orchestrator.features.evaluations.questions import QuestionsStep
from orchestrator.features.evaluations.shadow import ForgetStep, PrepareStep


class EvaluateWorkflow:
    """From questions to figures."""

    kind = EVALUATE

    def __init__(self, docgen: DocgenClient, rag: RagClient) -> None:
        self._rag = rag
        self.steps: Mapping[str, StepFunction] = {
            "questions": QuestionsStep(docgen),
            "prepare": PrepareStep(docgen, rag),
            "measure": MeasureStep(rag),
            "forget": ForgetStep(rag),
        }

    async def clean_up(self, run: RunView, ending: Ending) -> None:
        """Remove the index of its own that it may have made."""
        del ending
        if run.results.get("questions", {}).get("hidden"):
            await self._rag.delete_repository(run.organisation_id, run.id)

    async def settle(
        self, session: AsyncSession, run: RunView, ending: Ending
    ) -> Sequence[tuple[EventType, dict[str, Any]]]:
        """Keep the result, or why there is none; a change of the settings that waited for it is decided."""
        evaluation = await session.scalar(select(Evaluation).where(Evaluation.run_id == run.id).with_for_update())
        if evaluation is not None:
            measured = run.results.get("measure", {})
            evaluation.status = ending.status
            evaluation.result = {**evaluation.result, **measured.get("result", {})}
            evaluation.answers = list(measured.get("answers", []))
            evaluation.error = dict(ending.error) if ending.error else None
        if change_id := run.input.get("change_id"):
            await decide(session, str(change_id), run.results.get("measure", {}).get("result", {}), ending.error)
        return []

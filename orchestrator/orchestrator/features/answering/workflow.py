"""Puts the steps of an answer together, and stores the message however the run ends."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from codemuse.contracts.chat import MessageRead, MessageStatus
from codemuse.contracts.runs import EventType, RunStatus
from codemuse.database import Sessions
from orchestrator.core.resources import Services
from orchestrator.core.runs.workflow import ASK, Ending, RunView, StepFunction
from orchestrator.db.models import ChatSession, Message, RunEventRow
from orchestrator.features.answering.generate import GenerateStep
from orchestrator.features.answering.plan import PlanStep
from orchestrator.features.answering.retrieve import RetrieveStep
from orchestrator.features.answering.verify import VerifyStep


class AskWorkflow:
    """From a question to a verified answer."""

    kind = ASK

    def __init__(self, sessions: Sessions, services: Services) -> None:
        self.steps: Mapping[str, StepFunction] = {
            "plan": PlanStep(sessions),
            "retrieve": RetrieveStep(sessions, services.rag, services.docgen),
            "generate": GenerateStep(services.llm),
            "verify": VerifyStep(services.docgen),
        }

    async def clean_up(self, run: RunView, ending: Ending) -> None:
        """An answer leaves nothing behind outside."""

    async def settle(
        self, session: AsyncSession, run: RunView, ending: Ending
    ) -> Sequence[tuple[EventType, dict[str, Any]]]:
        """Store the answer: verified, or what was said until it was stopped or failed."""
        answer = await session.scalar(
            select(Message).where(Message.run_id == run.id, Message.role == "assistant").with_for_update()
        )
        if answer is None:
            return []
        generated = run.results.get("generate", {})
        answer.model = generated.get("model")
        answer.usage = dict(generated["usage"]) if "usage" in generated else None
        if ending.status in {RunStatus.SUCCEEDED, RunStatus.SUCCEEDED_WITH_WARNINGS}:
            verified = run.results["verify"]
            answer.status = MessageStatus.COMPLETE
            answer.content = str(verified["content"])
            answer.citations = list(verified["citations"])
            answer.verification = dict(verified["verification"])
        else:
            stopped = ending.status is RunStatus.CANCELLED
            answer.status = MessageStatus.INTERRUPTED if stopped else MessageStatus.FAILED
            answer.content = await _said_so_far(session, run.id)
            answer.citations = list(run.results.get("retrieve", {}).get("sources", [])) if answer.content else []
            answer.error = dict(ending.error) if ending.error else None
        await session.execute(
            update(ChatSession).where(ChatSession.id == run.session_id).values(updated_at=func.clock_timestamp())
        )
        await session.flush()
        message = MessageRead.model_validate(answer, from_attributes=True)
        return [(EventType.MESSAGE, {"message": message.model_dump(mode="json")})]


async def _said_so_far(session: AsyncSession, run_id: str) -> str:
    """The text of the last attempt."""
    kinds = [EventType.TOKEN.value, EventType.RESET.value]
    query = select(RunEventRow).where(RunEventRow.run_id == run_id, RunEventRow.type.in_(kinds))
    text = ""
    for row in await session.scalars(query.order_by(RunEventRow.seq)):
        text = "" if row.type == EventType.RESET else text + row.data["text"]
    return text

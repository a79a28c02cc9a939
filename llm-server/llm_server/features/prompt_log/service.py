"""Turning the log of prompts and answers on and off, reading and clearing it."""

from datetime import datetime

from codemuse.contracts.prompt_log import (
    LoggedCall,
    LoggedCallList,
    PromptLogCleared,
    PromptLogPolicyRead,
    PromptLogPolicyWrite,
)
from codemuse.database import Sessions
from llm_server.core.calls import Caller
from llm_server.core.recording.recorder import Recorder
from llm_server.core.registry.refresher import Refresher
from llm_server.db.declarations import DeclarationRepository
from llm_server.features.prompt_log.repository import PromptLogRepository


class PromptLogService:
    """The log of the caller's organisation.

    Args:
        sessions: Where it is stored.
        refresher: Makes changes take effect here at once; elsewhere they do within a second.
        recorder: Brings the log up to date before it is read.
    """

    def __init__(self, sessions: Sessions, refresher: Refresher, recorder: Recorder) -> None:
        self._sessions = sessions
        self._refresher = refresher
        self._recorder = recorder

    async def read_policy(self, caller: Caller) -> PromptLogPolicyRead:
        """Whether prompts and answers are written down."""
        async with self._sessions() as session:
            policy = await PromptLogRepository(session, caller.organisation).find_policy()
        return PromptLogPolicyRead.model_validate(policy, from_attributes=True) if policy else PromptLogPolicyRead()

    async def write_policy(self, body: PromptLogPolicyWrite, caller: Caller) -> PromptLogPolicyRead:
        """Turn it on or off; what is written down stays until its days are over, or until it is cleared."""
        async with self._sessions.begin() as session:
            repository = PromptLogRepository(session, caller.organisation)
            await repository.save_policy(enabled=body.enabled, keep_days=body.keep_days, changed_by=caller.user)
            await DeclarationRepository(session).bump_revision()
        await self._refresher.load()
        return await self.read_policy(caller)

    async def list_calls(
        self, caller: Caller, before: datetime | None, limit: int, run_id: str | None
    ) -> LoggedCallList:
        """Calls before a moment, newest first."""
        await self._recorder.flush()
        async with self._sessions() as session:
            rows = await PromptLogRepository(session, caller.organisation).list_calls(before, limit + 1, run_id)
        items = [LoggedCall.model_validate(row, from_attributes=True) for row in rows[:limit]]
        return LoggedCallList(items=items, next_before=items[-1].created_at if len(rows) > limit else None)

    async def clear(self, caller: Caller) -> PromptLogCleared:
        """Delete everything that is written down."""
        await self._recorder.flush()
        async with self._sessions.begin() as session:
            return PromptLogCleared(deleted=await PromptLogRepository(session, caller.organisation).clear())

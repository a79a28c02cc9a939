"""Reading and keeping the log is a matter of administrators, and leaves a trace of its own."""

from datetime import datetime
from typing import Any

from codemuse.clients.llm_administration import LlmAdministrationClient
from codemuse.contracts.prompt_log import (
    LoggedCallList,
    PromptLogCleared,
    PromptLogPolicyRead,
    PromptLogPolicyWrite,
)
from codemuse.contracts.providers import caller_headers
from codemuse.database import Sessions
from orchestrator.core.audit import record
from orchestrator.core.principal import Principal


class PromptLogService:
    """The log of the caller's organisation, which llm-server keeps."""

    def __init__(self, sessions: Sessions, llm: LlmAdministrationClient) -> None:
        self._sessions = sessions
        self._llm = llm

    async def read_policy(self, principal: Principal) -> PromptLogPolicyRead:
        """Whether prompts and answers are written down."""
        return await self._llm.read_prompt_log_policy(caller=_administrator(principal))

    async def write_policy(self, principal: Principal, body: PromptLogPolicyWrite) -> PromptLogPolicyRead:
        """Have them written down, or no longer."""
        caller = _administrator(principal)
        await self._audit(principal, "write_prompt_log_policy", **body.model_dump())
        return await self._llm.write_prompt_log_policy(body, caller=caller)

    async def list_calls(
        self, principal: Principal, before: datetime | None, limit: int, run_id: str | None
    ) -> LoggedCallList:
        """What was asked and answered."""
        caller = _administrator(principal)
        await self._audit(principal, "read_prompt_log", run=run_id)
        return await self._llm.list_logged_calls(before, limit, run_id, caller=caller)

    async def clear(self, principal: Principal) -> PromptLogCleared:
        """Delete all of it."""
        caller = _administrator(principal)
        await self._audit(principal, "clear_prompt_log")
        return await self._llm.clear_prompt_log(caller=caller)

    async def _audit(self, principal: Principal, action: str, **detail: Any) -> None:
        """Leave the trace before the deed: better one too many than one too few."""
        async with self._sessions.begin() as session:
            record(
                session,
                action,
                organisation_id=principal.organisation_id,
                user_id=principal.user_id,
                **detail,
            )


def _administrator(principal: Principal) -> dict[str, str]:
    """Who is calling.

    Raises:
        Forbidden: They are no administrator.
    """
    principal.require_admin()
    return caller_headers(organisation=principal.organisation_id, user=principal.user_id, role="admin")

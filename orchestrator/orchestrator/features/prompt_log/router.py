"""Routes below ``/prompt-log``."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import AwareDatetime

from codemuse.contracts.common import Identifier
from codemuse.contracts.prompt_log import (
    LoggedCallList,
    PromptLogCleared,
    PromptLogPolicyRead,
    PromptLogPolicyWrite,
)
from orchestrator.core.access import Caller
from orchestrator.features.prompt_log.dependencies import Service

router = APIRouter(prefix="/api/v1/prompt-log", tags=["prompt log"])


@router.get("/policy")
async def read_prompt_log_policy(caller: Caller, service: Service) -> PromptLogPolicyRead:
    """Whether what is asked and answered is written down; it is not unless an administrator turned that on."""
    return await service.read_policy(caller)


@router.put("/policy")
async def write_prompt_log_policy(body: PromptLogPolicyWrite, caller: Caller, service: Service) -> PromptLogPolicyRead:
    """Have it written down, without what looks like a credential, or no longer; this is audited."""
    return await service.write_policy(caller, body)


@router.get("")
async def list_logged_calls(
    caller: Caller,
    service: Service,
    before: AwareDatetime | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    run_id: Identifier | None = None,
) -> LoggedCallList:
    """What was asked and answered in your organisation, newest first; reading it is audited."""
    return await service.list_calls(caller, before, limit, run_id)


@router.delete("")
async def clear_prompt_log(caller: Caller, service: Service) -> PromptLogCleared:
    """Delete all that is written down."""
    return await service.clear(caller)

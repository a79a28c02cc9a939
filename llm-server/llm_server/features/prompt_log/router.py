"""``/api/v1/prompt-log``."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import AwareDatetime

from codemuse.contracts.prompt_log import (
    LoggedCallList,
    PromptLogCleared,
    PromptLogPolicyRead,
    PromptLogPolicyWrite,
)
from llm_server.core.access import Administrator
from llm_server.features.prompt_log.dependencies import Service

router = APIRouter(prefix="/api/v1/prompt-log", tags=["prompt log"])


@router.get("/policy")
async def read_prompt_log_policy(caller: Administrator, service: Service) -> PromptLogPolicyRead:
    """Whether prompts and answers are written down."""
    return await service.read_policy(caller)


@router.put("/policy")
async def write_prompt_log_policy(
    body: PromptLogPolicyWrite, caller: Administrator, service: Service
) -> PromptLogPolicyRead:
    """Have them written down, or no longer."""
    return await service.write_policy(body, caller)


@router.get("")
async def list_logged_calls(
    caller: Administrator,
    service: Service,
    before: AwareDatetime | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    run_id: str | None = None,
) -> LoggedCallList:
    """What was asked and answered, newest first."""
    return await service.list_calls(caller, before, limit, run_id)


@router.delete("")
async def clear_prompt_log(caller: Administrator, service: Service) -> PromptLogCleared:
    """Delete all of it."""
    return await service.clear(caller)

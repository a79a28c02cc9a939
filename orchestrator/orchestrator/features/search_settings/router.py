"""Routes below ``/search-settings``."""

from fastapi import APIRouter, Response

from codemuse.contracts.search_settings import (
    SearchSettingsRead,
    SearchSettingsReply,
    SearchSettingsUpdate,
    SettingsGuard,
)
from orchestrator.core.access import Caller
from orchestrator.features.search_settings.dependencies import Service

router = APIRouter(prefix="/api/v1/search-settings", tags=["search"])


@router.get("")
async def read_search_settings(caller: Caller, service: Service) -> SearchSettingsRead:
    """What each signal of the ranking weighs, what guards a change, and the changes so far; administrators only."""
    return await service.read(caller)


@router.put("", responses={202: {"model": SearchSettingsReply, "description": "The guard is asked first."}})
async def change_search_settings(
    body: SearchSettingsUpdate, caller: Caller, service: Service, response: Response
) -> SearchSettingsReply:
    """Set the weights. With a guard they are evaluated first, and hold only if the score does not fall too far."""
    reply = await service.change(caller, body)
    response.status_code = 202 if reply.run else 200
    return reply


@router.put("/guard")
async def set_search_guard(body: SettingsGuard, caller: Caller, service: Service) -> SearchSettingsRead:
    """Choose the evaluation whose questions every change must still answer as well."""
    return await service.set_guard(caller, body)


@router.delete("/guard")
async def remove_search_guard(caller: Caller, service: Service) -> SearchSettingsRead:
    """Let changes hold without asking; this is audited."""
    return await service.set_guard(caller, None)

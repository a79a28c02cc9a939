"""Routes below ``/users``."""

from fastapi import APIRouter

from codemuse.contracts.accounts import UserCreate, UserList, UserRead
from orchestrator.core.access import Caller
from orchestrator.features.users.dependencies import Service

router = APIRouter(prefix="/api/v1/users", tags=["users"])


@router.get("")
async def list_users(caller: Caller, service: Service) -> UserList:
    """Everybody in the organisation; administrators only."""
    return await service.list_users(caller)


@router.post("", status_code=201)
async def create_user(body: UserCreate, caller: Caller, service: Service) -> UserRead:
    """Add somebody; administrators only."""
    return await service.create(caller, body)

"""Routes below ``/auth``."""

from fastapi import APIRouter

from codemuse.contracts.accounts import LoginRequest, PasswordChange, RefreshRequest, TokenReply, UserRead
from orchestrator.core.access import Caller
from orchestrator.features.auth.dependencies import Service

router = APIRouter(prefix="/api/v1/auth", tags=["auth"])


@router.post("/login")
async def login(body: LoginRequest, service: Service) -> TokenReply:
    """Sign in with e-mail address and password."""
    return await service.login(body)


@router.post("/refresh")
async def refresh_tokens(body: RefreshRequest, service: Service) -> TokenReply:
    """Exchange a refresh token for a fresh pair of tokens."""
    return await service.refresh(body.refresh_token)


@router.post("/logout", status_code=204)
async def logout(body: RefreshRequest, service: Service) -> None:
    """End the session."""
    await service.logout(body.refresh_token)


@router.get("/me")
async def get_me(caller: Caller, service: Service) -> UserRead:
    """Who is signed in."""
    return await service.get_me(caller)


@router.put("/password", status_code=204)
async def change_password(body: PasswordChange, caller: Caller, service: Service) -> None:
    """Set a new password."""
    await service.change_password(caller, body)

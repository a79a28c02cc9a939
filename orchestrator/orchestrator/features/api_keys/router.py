"""Routes below ``/api-keys``."""

from fastapi import APIRouter

from codemuse.contracts.accounts import ApiKeyCreate, ApiKeyCreated, ApiKeyList
from orchestrator.core.access import Caller
from orchestrator.features.api_keys.dependencies import Service

router = APIRouter(prefix="/api/v1/api-keys", tags=["api keys"])


@router.post("", status_code=201)
async def create_api_key(body: ApiKeyCreate, caller: Caller, service: Service) -> ApiKeyCreated:
    """Make a key for a CI job or a script; it is shown once."""
    return await service.create(caller, body)


@router.get("")
async def list_api_keys(caller: Caller, service: Service) -> ApiKeyList:
    """Keys that work."""
    return await service.list_keys(caller)


@router.delete("/{key_id}", status_code=204)
async def revoke_api_key(key_id: str, caller: Caller, service: Service) -> None:
    """Take a key back."""
    await service.revoke(caller, key_id)

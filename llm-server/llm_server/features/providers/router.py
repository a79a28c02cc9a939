"""Models and roles."""

from fastapi import APIRouter

from codemuse.contracts.providers import ConnectionTest, ConnectionTestResult, ProvidersRead, ProvidersWrite
from llm_server.core.access import Administrator, Calling
from llm_server.features.providers.dependencies import Service

router = APIRouter(prefix="/api/v1/providers", tags=["providers"])


@router.get("")
async def read_providers(caller: Calling, service: Service) -> ProvidersRead:
    """The models that the caller may ask for, and who plays which role."""
    return await service.read(caller)


@router.put("")
async def write_providers(body: ProvidersWrite, caller: Calling, service: Service) -> ProvidersRead:
    """Declare models and set roles."""
    return await service.write(body, caller)


@router.delete("/{name:path}", status_code=204)
async def delete_provider(name: str, caller: Administrator, service: Service) -> None:
    """Take a model back."""
    await service.delete(name, caller)


@router.post("/test")
async def test_provider(body: ConnectionTest, caller: Administrator, service: Service) -> ConnectionTestResult:
    """Ask a model for a few words and tell what its provider really said."""
    return await service.test(body, caller)

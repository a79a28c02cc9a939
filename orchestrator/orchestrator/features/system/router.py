"""Health, configuration, breakers."""

from fastapi import APIRouter

from codemuse.contracts.gateway import CircuitBreakerList, ConfigRead, SystemHealth
from orchestrator.core.access import Caller
from orchestrator.features.system.dependencies import Service

router = APIRouter(prefix="/api/v1", tags=["system"])


@router.get("/health")
async def get_health(service: Service) -> SystemHealth:
    """How the platform and each of its services are."""
    return await service.get_health()


@router.get("/config")
async def get_config(service: Service) -> ConfigRead:
    """What the web app needs before anybody signs in."""
    return await service.get_config()


@router.get("/circuit-breakers")
async def list_circuit_breakers(caller: Caller, service: Service) -> CircuitBreakerList:
    """Which dependencies are being left alone at the moment."""
    return await service.list_breakers(caller.organisation_id)

"""``/api/v1/circuit-breakers``."""

import asyncio

from fastapi import APIRouter

from codemuse.contracts.gateway import CircuitBreakerList
from llm_server.core.access import Calling, Opened

router = APIRouter(prefix="/api/v1", tags=["breakers"])


@router.get("/circuit-breakers")
async def list_circuit_breakers(caller: Calling, resources: Opened) -> CircuitBreakerList:
    """The breakers of the models that the caller may ask."""
    breakers = resources.registry.list_breakers(caller.organisation)
    return CircuitBreakerList(items=await asyncio.gather(*(breaker.read() for breaker in breakers)))

"""What llm-server opens."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx

from codemuse.breaker import MemoryBreakerStore
from llm_server.core.registry import ModelRegistry, make_registry
from llm_server.core.settings import Settings


@dataclass(frozen=True, slots=True)
class Resources:
    """What the features work with."""

    registry: ModelRegistry


@asynccontextmanager
async def open_resources(settings: Settings) -> AsyncIterator[Resources]:
    """Open the connection pool that all providers share."""
    limits = httpx.Limits(max_connections=1000, max_keepalive_connections=100)
    async with httpx.AsyncClient(limits=limits, follow_redirects=False) as client:
        yield Resources(make_registry(settings, client, MemoryBreakerStore()))

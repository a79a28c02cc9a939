"""A gateway and a worker in this process, on real Postgres and Redis, over internal services that live in memory."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import httpx
import pytest
from asgi_lifespan import LifespanManager
from gateway_stage.services import Services, make_services_app
from gateway_stage.stage import ADMIN, LocalQueue, Stage
from gateway_stage.transport import StreamingTransport
from redis.asyncio import Redis

from orchestrator.core.resources import Seams
from orchestrator.core.settings import Settings
from orchestrator.main import create_app
from orchestrator.worker import open_worker


@pytest.fixture
def settings(postgres_url: str, redis_server: str, service_token: str) -> Settings:
    return Settings(
        service_token=service_token,
        database_url=postgres_url,
        redis_url=redis_server,
        jwt_secret="fixture-jwt-9f8e7d6c5b4a-qwertyuiopasdfghjkl",
        admin_email=ADMIN["email"],
        admin_password=ADMIN["password"],
        lease_seconds=1.0,
        heartbeat_seconds=0.1,
        reaper_seconds=0.2,
        queued_patience_seconds=0.5,
        login_attempts_per_minute=1000,
    )


@pytest.fixture
def open_stage(settings: Settings):
    @asynccontextmanager
    async def open_it(**changes: Any) -> AsyncIterator[Stage]:
        chosen = settings.model_copy(update=changes)
        services, queue = Services(), LocalQueue()
        seams = Seams(StreamingTransport(make_services_app(services)), queue)
        async with Redis.from_url(chosen.redis_url.get_secret_value()) as redis:
            await redis.flushall()
        app = create_app(chosen, seams)
        async with LifespanManager(app), open_worker(chosen, seams) as worker:
            queue.engine = worker.engine
            async with AsyncExitStack() as clients:
                anonymous = httpx.AsyncClient(transport=StreamingTransport(app), base_url="http://gateway")
                client = await clients.enter_async_context(anonymous)
                yield Stage(app, client, services, queue, worker, chosen, clients)
            await queue.close()

    return open_it


@pytest.fixture
async def stage(open_stage) -> AsyncIterator[Stage]:
    async with open_stage() as stage:
        yield stage

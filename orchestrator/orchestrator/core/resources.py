"""Everything that the gateway and the worker open, in one visible block each."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from pydantic import SecretStr
from redis.asyncio import Redis
from sqlalchemy import text

from codemuse.background import keep_running
from codemuse.breaker import BreakerStore, CircuitBreaker, RedisBreakerStore
from codemuse.clients.docgen import DocgenClient
from codemuse.clients.embedding import EmbeddingClient
from codemuse.clients.llm import LlmClient
from codemuse.clients.rag import RagClient
from codemuse.database import Sessions, migrate, open_engine, single_reads
from codemuse.health import Check
from codemuse.http import ServiceAddress, open_service_client
from orchestrator.core.celery_app import CeleryTaskQueue, create_celery
from orchestrator.core.credentials import AccessTokens, PasswordHasher
from orchestrator.core.login_limit import LoginLimit
from orchestrator.core.recent_principals import RecentPrincipals
from orchestrator.core.runs.events import EventAnnouncer, EventReader
from orchestrator.core.runs.outbox import OutboxRelay, TaskQueue
from orchestrator.core.runs.workflow import RUN_KINDS
from orchestrator.core.settings import Settings
from orchestrator.db.models import SCHEMA

MIGRATIONS = Path(__file__).parent.parent / "db" / "migrations"


@dataclass(frozen=True, slots=True)
class Services:
    """Clients of the internal services."""

    docgen: DocgenClient
    rag: RagClient
    embedding: EmbeddingClient
    llm: LlmClient

    @property
    def breakers(self) -> list[CircuitBreaker]:
        """The breaker of each."""
        return [client.service.breaker for client in (self.docgen, self.rag, self.embedding, self.llm)]


@dataclass(frozen=True, slots=True)
class Platform:
    """What gateway and worker share."""

    settings: Settings
    sessions: Sessions
    redis: Redis
    announcer: EventAnnouncer
    relay: OutboxRelay
    services: Services

    def checks(self) -> dict[str, Check]:
        """Readiness: Postgres and Redis answer."""

        async def postgres() -> None:
            async with self.sessions() as session:
                await session.execute(text("SELECT 1"))

        async def redis() -> None:
            await self.redis.ping()

        return {"postgres": postgres, "redis": redis}


@dataclass(frozen=True, slots=True)
class GatewayResources:
    """What the features of the gateway work with."""

    platform: Platform
    events: EventReader
    hasher: PasswordHasher
    tokens: AccessTokens
    principals: RecentPrincipals
    login_limit: LoginLimit


@dataclass(frozen=True, slots=True)
class Seams:
    """What stands between us and the outside; tests put something of their own there."""

    transport: httpx.AsyncBaseTransport | None = None
    """The network to the internal services."""
    queue: TaskQueue | None = None
    """The way to the workers."""


@asynccontextmanager
async def open_platform(settings: Settings, seams: Seams = Seams()) -> AsyncIterator[Platform]:
    """Open database, Redis, service clients and the outbox relay."""
    async with AsyncExitStack() as stack:
        engine = await stack.enter_async_context(open_engine(settings.database_url.get_secret_value()))
        await migrate(engine, schema=SCHEMA, migrations=MIGRATIONS)
        sessions = single_reads(engine)
        redis_url = settings.redis_url.get_secret_value()
        redis = Redis.from_url(redis_url, socket_timeout=5, socket_connect_timeout=2, health_check_interval=15)
        stack.push_async_callback(redis.aclose)
        services = await _open_services(stack, settings, RedisBreakerStore(redis), seams.transport)
        relay = OutboxRelay(sessions, seams.queue or _open_celery_queue(stack, redis_url))
        announcer = EventAnnouncer(redis)
        keep_running(stack, relay.run)
        yield Platform(settings, sessions, redis, announcer, relay, services)


@asynccontextmanager
async def open_gateway(settings: Settings, seams: Seams = Seams()) -> AsyncIterator[GatewayResources]:
    """Open what the gateway needs on top."""
    async with AsyncExitStack() as stack:
        platform = await stack.enter_async_context(open_platform(settings, seams))
        keep_running(stack, platform.announcer.listen)
        yield GatewayResources(
            platform=platform,
            events=EventReader(platform.sessions, platform.announcer),
            hasher=PasswordHasher(),
            tokens=AccessTokens(settings.jwt_secret, settings.access_token_lifetime),
            principals=RecentPrincipals(),
            login_limit=LoginLimit(platform.redis, settings.login_attempts_per_minute),
        )


def _open_celery_queue(stack: AsyncExitStack, redis_url: str) -> TaskQueue:
    celery = create_celery(redis_url)
    stack.callback(celery.close)
    return CeleryTaskQueue(celery, frozenset(kind.name for kind in RUN_KINDS.values() if kind.bulk))


async def _open_services(
    stack: AsyncExitStack, settings: Settings, breakers: BreakerStore, transport: httpx.AsyncBaseTransport | None
) -> Services:
    async def open_one(name: str, url: str) -> Any:
        address = ServiceAddress(name, url, SecretStr(settings.service_token.get_secret_value()))
        return await stack.enter_async_context(open_service_client(address, breakers=breakers, transport=transport))

    return Services(
        docgen=DocgenClient(await open_one("docgen-server", settings.docgen_server_url)),
        rag=RagClient(await open_one("rag-server", settings.rag_server_url)),
        embedding=EmbeddingClient(await open_one("embedding-server", settings.embedding_server_url)),
        llm=LlmClient(await open_one("llm-server", settings.llm_server_url)),
    )

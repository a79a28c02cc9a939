"""What llm-server opens."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from redis.asyncio import BlockingConnectionPool, Redis
from redis.exceptions import RedisError
from sqlalchemy import text
from sqlalchemy.ext.asyncio import async_sessionmaker

from codemuse.background import keep_running
from codemuse.breaker import RedisBreakerStore
from codemuse.contracts.common import CheckRead, HealthState
from codemuse.database import Sessions, migrate, open_engine
from codemuse.health import Check
from llm_server.core.accounts.accounts import Accounts
from llm_server.core.accounts.book import Cap, Scope
from llm_server.core.accounts.gate import ModelGate
from llm_server.core.accounts.ledger import Ledger
from llm_server.core.accounts.limiter import Limiter
from llm_server.core.answering import Answering
from llm_server.core.model import Model
from llm_server.core.providers.build import provider_factory
from llm_server.core.providers.provider import Provider
from llm_server.core.questions import QuestionEmbedder
from llm_server.core.recording.recorder import Recorder
from llm_server.core.registry.catalogue import embedding_model, models_from_settings
from llm_server.core.registry.keys import KeyVault
from llm_server.core.registry.refresher import Refresher
from llm_server.core.registry.registry import Registry
from llm_server.core.settings import Settings
from llm_server.core.upstream import open_session
from llm_server.core.wrappers.accounting import AccountingProvider
from llm_server.core.wrappers.caching import AnswerCache, CachingProvider
from llm_server.core.wrappers.limiting import LimitingProvider
from llm_server.core.wrappers.recording import RecordingProvider
from llm_server.db.models import SCHEMA
from llm_server.db.usage import sum_spent

_REDIS_CONNECTIONS = 64
MIGRATIONS = Path(__file__).parents[1] / "db" / "migrations"


@dataclass(frozen=True, slots=True)
class Resources:
    """What the features work with."""

    sessions: Sessions
    redis: Redis
    registry: Registry
    answering: Answering
    refresher: Refresher
    vault: KeyVault
    ledger: Ledger
    cache: AnswerCache
    recorder: Recorder

    def checks(self) -> Mapping[str, Check]:
        """Readiness: without Postgres nothing can be declared; without Redis answers still come, unless limited."""

        async def database() -> None:
            async with self.sessions() as session:
                await session.execute(text("SELECT 1"))

        async def redis() -> CheckRead | None:
            try:
                await self.redis.ping()
            except (RedisError, OSError) as error:
                return CheckRead(status=HealthState.DEGRADED, detail=type(error).__name__)
            return None

        return {"database": database, "redis": redis}


@asynccontextmanager
async def open_resources(settings: Settings) -> AsyncIterator[Resources]:
    """Open database, Redis and the connections to the upstreams, and begin to keep the books."""
    async with AsyncExitStack() as stack:
        engine = await stack.enter_async_context(open_engine(settings.database_url.get_secret_value()))
        await migrate(engine, schema=SCHEMA, migrations=MIGRATIONS)
        sessions = async_sessionmaker(engine, expire_on_commit=False)
        redis = Redis.from_pool(_open_pool(settings.redis_url.get_secret_value()))
        stack.push_async_callback(redis.aclose)
        upstreams = await stack.enter_async_context(open_session())

        async def load_spent(scope: Scope, cap: Cap, now: datetime) -> int:
            async with sessions() as session:
                return await sum_spent(session, scope, cap, now)

        limiter = Limiter(redis, load_spent)
        ledger = Ledger(limiter, redis, engine)
        accounts = Accounts(limiter, ledger)
        recorder = Recorder(engine)
        gate = ModelGate(limiter, ledger)

        build = provider_factory(upstreams)
        embed = QuestionEmbedder(build(embedding_model(settings)))
        cache = AnswerCache(redis, embed, settings.cache_similarity)
        stack.push_async_callback(cache.close)

        def around(chain: Provider, models: Sequence[Model]) -> Provider:
            cached = CachingProvider(chain, models, cache)
            return AccountingProvider(RecordingProvider(cached, recorder), models[0], accounts)

        registry = Registry(
            build,
            RedisBreakerStore(redis),
            around,
            limit=lambda provider, model: LimitingProvider(provider, model, gate),
            refused_content_elsewhere=settings.refused_content_elsewhere,
        )
        vault = KeyVault(*filter(None, [settings.llm_encryption_key, settings.service_token]))
        refresher = Refresher(sessions, vault, models_from_settings(settings), registry, accounts, recorder)
        await refresher.load()
        stack.push_async_callback(ledger.close)
        stack.push_async_callback(recorder.close)
        for work in (refresher.run, ledger.run_notes, ledger.run_flush, recorder.run):
            keep_running(stack, work)
        answering = Answering(registry, settings.answer_seconds)
        yield Resources(sessions, redis, registry, answering, refresher, vault, ledger, cache, recorder)


def _open_pool(url: str) -> BlockingConnectionPool:
    """Connections to Redis; when all are busy, callers wait for one instead of failing."""
    return BlockingConnectionPool.from_url(
        url, max_connections=_REDIS_CONNECTIONS, timeout=2, socket_timeout=2, socket_connect_timeout=1
    )

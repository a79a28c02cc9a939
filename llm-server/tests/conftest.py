"""Fixtures of llm-server's tests."""

import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator

import pytest
import redis
from llm_stage import FAKE, Stage, Upstream, serving
from sqlalchemy.ext.asyncio import AsyncEngine

from codemuse.database import migrate, open_engine
from codemuse.testing import SERVICE_TOKEN, free_port
from llm_server.core.resources import MIGRATIONS
from llm_server.core.settings import Settings
from llm_server.db.models import SCHEMA


@pytest.fixture(scope="session")
def fake_upstream() -> Iterator[Upstream]:
    port = free_port()
    with subprocess.Popen([sys.executable, str(FAKE), str(port)]) as process:
        upstream = Upstream(port)
        deadline = time.monotonic() + 10
        while True:
            try:
                upstream.log()
                break
            except OSError:
                assert time.monotonic() < deadline
                time.sleep(0.02)
        yield upstream
        process.terminate()


@pytest.fixture
def redis_url(redis_server: str) -> str:
    redis.Redis.from_url(redis_server).flushall()
    return redis_server


@pytest.fixture
async def engine(postgres_url: str) -> AsyncIterator[AsyncEngine]:
    """A database with today's tables."""
    async with open_engine(postgres_url) as engine:
        await migrate(engine, schema=SCHEMA, migrations=MIGRATIONS)
        yield engine


@pytest.fixture
def settings(postgres_url: str, redis_url: str) -> Settings:
    return Settings(
        service_token=SERVICE_TOKEN,
        database_url=postgres_url,
        redis_url=redis_url,
        embedding_server_url="http://127.0.0.1:9",
        first_token_seconds=0.5,
        stall_seconds=0.5,
        _env_file=None,
    )


@pytest.fixture
async def stage(settings: Settings, fake_upstream: Upstream) -> AsyncIterator[Stage]:
    fake_upstream.reset()
    async with serving(settings) as url:
        stage = Stage(url, settings, fake_upstream)
        yield stage
        await stage.http.aclose()

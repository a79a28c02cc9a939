"""What services share for real: breakers in Redis, a schema in Postgres, an installation on this machine."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from redis.asyncio import Redis
from sqlalchemy import text

from codemuse import database
from codemuse.breaker import CircuitBreaker, RedisBreakerStore
from codemuse.database import migrate, open_engine
from codemuse.errors import Unavailable
from codemuse.native.layout import Layout
from codemuse.native.secrets import ensure_secrets
from codemuse.testing import eventually, free_port

MIGRATION = """
revision, down_revision = "0001", None


def upgrade():
    from alembic import op

    op.execute("CREATE TABLE things.counted (id serial PRIMARY KEY)")
"""
ENVIRONMENT = """
from alembic import context

attributes = context.config.attributes
context.configure(connection=attributes["connection"], version_table_schema=attributes["schema"])
with context.begin_transaction():
    context.run_migrations()
"""


async def test_replicas_share_a_breaker_and_exactly_three_probes_pass(redis_server: str) -> None:
    async with Redis.from_url(redis_server) as redis:
        await redis.flushall()
        breakers = [CircuitBreaker("llm", RedisBreakerStore(redis)) for _ in range(2)]
        for _ in range(5):
            await breakers[0].before_call()
            await breakers[0].after_call(succeeded=False)
        with pytest.raises(Unavailable):
            await breakers[1].before_call()
        key, record = "breaker:llm", await redis.get("breaker:llm")
        since = (await breakers[0].read()).since
        await redis.set(key, record.replace(str(since.timestamp()).encode()[:8], b"1000000000"[:8]))
        outcomes = await asyncio.gather(*(breakers[n % 2].before_call() for n in range(20)), return_exceptions=True)
        assert sum(outcome is None for outcome in outcomes) == 3


async def test_without_redis_each_process_keeps_its_own(unused_port: int) -> None:
    async with Redis.from_url(f"redis://127.0.0.1:{unused_port}/0") as redis:
        breaker = CircuitBreaker("llm", RedisBreakerStore(redis))
        for _ in range(5):
            await breaker.before_call()
            await breaker.after_call(succeeded=False)
        assert (await breaker.read()).state == "open"


async def test_of_several_processes_one_migrates(postgres_url: str, tmp_path: Path) -> None:
    (tmp_path / "versions").mkdir()
    (tmp_path / "versions" / "0001.py").write_text(MIGRATION)
    (tmp_path / "env.py").write_text(ENVIRONMENT)
    async with open_engine(postgres_url) as engine:
        await asyncio.gather(*(migrate(engine, schema="things", migrations=tmp_path) for _ in range(4)))
        async with engine.connect() as connection:
            assert await connection.scalar(text("SELECT count(*) FROM things.counted")) == 0


async def test_a_migration_waits_for_another_one_however_long_it_takes(
    postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "STATEMENT_SECONDS", 0.3)
    (tmp_path / "versions").mkdir()
    (tmp_path / "env.py").write_text(ENVIRONMENT)
    async with open_engine(postgres_url) as engine:
        with pytest.raises(TimeoutError):
            async with engine.connect() as connection:
                await connection.execute(text("SELECT pg_sleep(2)"))
        async with engine.connect() as other:
            await other.execute(text("SELECT pg_advisory_lock(hashtext('migrate things'))"))
            migrating = asyncio.create_task(migrate(engine, schema="things", migrations=tmp_path))
            await asyncio.sleep(1)
            assert not migrating.done()
            await other.execute(text("SELECT pg_advisory_unlock(hashtext('migrate things'))"))
            await migrating


async def test_who_waits_too_long_for_a_connection_is_told_to_try_again(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "POOL_WAIT_SECONDS", 0.1)
    async with open_engine(postgres_url, pool_size=1) as engine, engine.connect(), engine.connect():
        with pytest.raises(Unavailable) as raised:
            await engine.connect()
    assert raised.value.retry_after


def test_the_embedded_servers_start_guarded_by_passwords_and_stop(tmp_path: Path, unused_port: int) -> None:
    import psycopg
    import redis

    layout = Layout(tmp_path / "data", unused_port + 75)
    layout.create()
    ensure_secrets(layout, {})
    environment = {**os.environ, "DATA": str(layout.data), "PORT": str(layout.port)}
    servers = [
        subprocess.Popen(
            [sys.executable, "-W", "ignore", "-m", f"codemuse.native.{name}"],
            env=environment,
            stdout=subprocess.DEVNULL,
        )
        for name in ("postgres", "redis")
    ]
    try:
        probe = "import os; print(os.environ['DATABASE_URL'], os.environ['REDIS_URL'])"
        starter = [
            sys.executable,
            "-m",
            "codemuse.native.start",
            "probe",
            "--needs",
            "postgres",
            "--needs",
            "redis",
            "--",
            "-c",
            probe,
        ]
        shown = subprocess.run(
            starter, env=environment, capture_output=True, text=True, check=True, timeout=90
        ).stdout.split()
        with psycopg.connect(shown[0]) as connection:
            assert connection.execute("SHOW listen_addresses").fetchone() == ("",)
        with pytest.raises(psycopg.OperationalError):
            psycopg.connect(shown[0].replace(shown[0].split(":")[2].split("@")[0], "guess"))
        with pytest.raises(redis.AuthenticationError), redis.Redis(port=layout.redis_port) as client:
            client.ping()
        assert int(layout.pid_file("probe").read_text()) > 0
    finally:
        for server in servers:
            server.send_signal(signal.SIGTERM)
        for server in servers:
            server.wait(30)


async def test_a_start_that_was_cut_off_while_it_set_the_database_up_is_made_good(tmp_path: Path) -> None:
    layout = Layout(tmp_path / "data")
    layout.create()
    ensure_secrets(layout, {})
    async with running_postgres(layout):
        pass
    (layout.postgres / "pg_hba.conf").write_text("local all all trust\n")
    async with running_postgres(layout):
        assert "scram" in (layout.postgres / "pg_hba.conf").read_text()


@asynccontextmanager
async def running_postgres(layout: Layout) -> AsyncIterator[None]:
    """The embedded Postgres, from when it tells its address."""
    command = [sys.executable, "-W", "ignore", "-m", "codemuse.native.postgres"]
    environment = {**os.environ, "DATA": str(layout.data)}
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL) as server:
        try:
            await eventually(lambda: server.poll() is not None or layout.postgres_url.exists(), seconds=60)
            assert server.poll() is None
            yield
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait(30)


@pytest.fixture
def unused_port() -> int:
    return free_port()

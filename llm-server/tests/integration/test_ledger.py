"""Settlements on their way to Redis when a reply does not come, or Postgres is away: each call is counted once."""

import asyncio

import pytest
from redis.asyncio import Redis
from redis.exceptions import TimeoutError as RedisTimeout
from sqlalchemy import text
from sqlalchemy.ext.asyncio import async_sessionmaker

from codemuse.contracts.usage import Limits
from codemuse.testing import eventually
from llm_server.core.accounts.accounts import Accounts
from llm_server.core.accounts.book import LimitBook
from llm_server.core.accounts.ledger import Ledger
from llm_server.core.accounts.limiter import Limiter
from llm_server.core.calls import Attempt, Call, Caller, Tokens
from llm_server.core.model import Kind, Model
from llm_server.db.usage import sum_spent

MODEL = Model("priced", Kind.OPENAI)
TOKENS = 30


class LateLimiter(Limiter):
    """Does as it is told, and fails to say so as often as it is asked to."""

    late = 0

    async def apply(self, operations):
        outcomes = await super().apply(operations)
        if self.late:
            self.late -= 1
            raise RedisTimeout("Timeout reading from socket")
        return outcomes


@pytest.fixture
async def store(redis_url):
    async with Redis.from_url(redis_url) as client:
        yield client


@pytest.fixture
def limiter(store, engine) -> LateLimiter:
    sessions = async_sessionmaker(engine)

    async def load_spent(scope, cap, now) -> int:
        async with sessions() as session:
            return await sum_spent(session, scope, cap, now)

    return LateLimiter(store, load_spent)


@pytest.fixture
def ledger(limiter, store, engine) -> Ledger:
    return Ledger(limiter, store, engine)


@pytest.fixture
def use(limiter, ledger):
    """Uses the model once, up to the settlement."""
    accounts = Accounts(limiter, ledger)
    accounts.use(LimitBook({("acme", "organisation", ""): Limits(tokens_per_day=10_000)}))

    async def use() -> None:
        call = Call({"messages": [{"role": "user", "content": "Hello"}]}, Caller("acme"))
        reservation = await accounts.reserve(call, MODEL, 100)
        call.trace.attempts.append(Attempt(MODEL.name, Tokens(20, 10)))
        accounts.settle(reservation, call, "ok")

    return use


async def spent(store, use) -> int:
    """What the counter says once somebody needs it."""
    await use()
    [counter] = await store.keys("llm:spent:*")
    return int(await store.hget(counter, "spent"))


async def written(engine) -> int:
    async with engine.connect() as connection:
        return await connection.scalar(text("SELECT count(*) FROM llm.usage"))


@pytest.mark.parametrize("flushed", [False, True])
async def test_a_settlement_whose_reply_did_not_come_is_counted_once(limiter, ledger, store, engine, use, flushed):
    await use()
    await use()
    limiter.late = 1
    with pytest.raises(RedisTimeout):
        await ledger.apply_notes()
    if flushed:
        await store.flushall()
    await ledger.apply_notes()
    assert await spent(store, use) == 2 * TOKENS
    assert await written(engine) == 2


async def test_a_settlement_counts_also_where_redis_has_lost_its_reservation(ledger, store, use) -> None:
    await use()
    await store.flushall()
    assert await spent(store, use) == 0
    await ledger.apply_notes()
    [counter] = await store.keys("llm:spent:*")
    assert await store.hgetall(counter) == {b"spent": str(2 * TOKENS).encode(), b"reserved": b"0"}


async def test_bookkeeping_goes_on_after_postgres_was_away(ledger, store, engine, use) -> None:
    await use()
    [counter] = await store.keys("llm:spent:*")
    await store.delete(counter)
    await store.lpush(counter, "not a counter at all")
    async with engine.begin() as connection:
        await connection.execute(text("ALTER TABLE llm.set_aside RENAME TO elsewhere"))
    working = asyncio.create_task(ledger.run_notes())
    await asyncio.sleep(0.3)
    async with engine.begin() as connection:
        await connection.execute(text("ALTER TABLE llm.elsewhere RENAME TO set_aside"))

    async def is_forgotten() -> bool:
        return not await store.exists(counter)

    await eventually(is_forgotten)
    assert await written(engine) == 1
    assert not working.done()
    working.cancel()
    await asyncio.gather(working, return_exceptions=True)
    assert await spent(store, use) == TOKENS

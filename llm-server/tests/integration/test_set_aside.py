"""What Redis or Postgres will not take of the accounts is set aside; everything behind it goes on."""

import asyncio

import psycopg
import redis

from codemuse.contracts.providers import caller_headers
from codemuse.testing import eventually

ANN = caller_headers(organisation="acme", user="ann", role="admin")
BOB = caller_headers(organisation="acme", user="bob", role="member")


def store(stage) -> redis.Redis:
    return redis.Redis.from_url(stage.settings.redis_url.get_secret_value())


def set_aside(stage) -> list[tuple[str, bytes]]:
    with psycopg.connect(stage.settings.database_url.get_secret_value()) as connection:
        return connection.execute("SELECT reason, content FROM llm.set_aside ORDER BY id").fetchall()


async def counted(stage) -> float:
    text = (await stage.http.get("/metrics")).text
    lines = [line for line in text.splitlines() if line.startswith("codemuse_llm_accounts_set_aside_total")]
    return sum(float(line.rsplit(" ", 1)[1]) for line in lines)


async def cap_of_bob(stage) -> None:
    body = {"scope": "user", "subject_id": "bob", "limits": {"tokens_per_day": 1000}}
    assert (await stage.http.put("/api/v1/budgets", json=body, headers=ANN)).status_code == 200


async def test_a_settlement_that_redis_refuses_is_set_aside_and_the_rest_goes_on(stage) -> None:
    await cap_of_bob(stage)
    await stage.declare(stage.model("slow?lead=0.7", "slow"), headers=ANN)
    before = await counted(stage)
    asking = asyncio.create_task(stage.chat("slow", headers=BOB, max_tokens=20))
    client = store(stage)
    await eventually(lambda: client.hlen("llm:pending"))
    [counter] = client.keys("llm:spent:*")
    client.delete(counter)
    client.lpush(counter, "not a counter at all")
    assert (await asking).status_code == 200
    assert (await stage.chat("extractive", headers=ANN)).status_code == 200
    await stage.wait_for_rows(1, user_id="ann")
    [written] = await stage.wait_for_rows(1, user_id="bob")
    assert written["completion_tokens"] == 10
    [(reason, content)] = set_aside(stage)
    assert "WRONGTYPE" in reason
    assert written["call_id"].encode() in content
    assert await counted(stage) == before + 1


async def test_a_counter_that_broke_is_summed_anew_from_the_rows(stage) -> None:
    await test_a_settlement_that_redis_refuses_is_set_aside_and_the_rest_goes_on(stage)
    [first] = stage.rows(user_id="bob")
    assert (await stage.chat("slow", headers=BOB, max_tokens=20)).status_code == 200
    [_, second] = await stage.wait_for_rows(2, user_id="bob")
    [counter] = store(stage).keys("llm:spent:*")
    spent = sum(row["prompt_tokens"] + row["completion_tokens"] for row in (first, second))
    assert store(stage).hgetall(counter) == {b"spent": str(spent).encode(), b"reserved": b"0"}


async def test_rows_that_postgres_refuses_let_those_behind_them_pass(stage) -> None:
    client = store(stage)
    client.rpush("llm:usage", b"{half a row", b'{"call_id": "x", "at": "yesterday"}', b"[]")
    await stage.chat(headers=ANN)
    await stage.wait_for_rows(1, user_id="ann")
    assert [content for _, content in set_aside(stage)] == [
        b"{half a row",
        b'{"call_id": "x", "at": "yesterday"}',
        b"[]",
    ]


async def test_a_lost_call_that_cannot_be_read_does_not_stop_the_bookkeeping(stage) -> None:
    client = store(stage)
    client.hset("llm:pending", "broken", b"{half a settlement")
    client.zadd("llm:pending:due", {"broken": 1})
    await eventually(lambda: client.zcard("llm:pending:due") == 0)
    await stage.chat(headers=ANN)
    await stage.wait_for_rows(1, user_id="ann")
    assert set_aside(stage)[0][1] == b"{half a settlement"


async def test_the_largest_reservation_is_a_number_to_redis(stage) -> None:
    price = {"prompt": 1_000_000.0, "completion": 1_000_000.0}
    await stage.declare(stage.model("dear", price=price), headers=ANN)
    body = {"scope": "organisation", "limits": {"cost_per_month": 10**12}}
    assert (await stage.http.put("/api/v1/budgets", json=body, headers=ANN)).status_code == 200
    assert (await stage.chat("dear", headers=BOB, max_tokens=10**9)).status_code == 200
    await stage.wait_for_rows(1, user_id="bob")
    assert set_aside(stage) == []

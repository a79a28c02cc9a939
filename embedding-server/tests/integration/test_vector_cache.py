"""Vectors are remembered in a real Redis: for the same user, as long as there is room, and never as a condition."""

import numpy as np
import pytest
from redis.asyncio import Redis

from embedding_server.core.vector_cache import VectorCache


@pytest.fixture
async def redis(redis_server):
    async with Redis.from_url(redis_server, socket_timeout=0.5, socket_connect_timeout=0.5) as client:
        await client.flushall()
        yield client


@pytest.fixture
async def client(open_client, tiny_backend, redis):
    async with open_client({"tiny": lambda: tiny_backend}, cache=VectorCache(redis, 1_000)) as client:
        yield client


async def embed(client, *texts, user="anna"):
    body = {"model": "tiny", "input": list(texts)} | ({"user": user} if user else {})
    return (await client.post("/v1/embeddings", json=body)).json()


def computed(tiny_backend):
    return sum(map(len, tiny_backend.batches))


async def test_a_text_is_computed_once_and_answered_the_same(client, tiny_backend):
    first = await embed(client, "one", "two")
    again = await embed(client, "two", "new", "one")
    assert computed(tiny_backend) == 3
    assert [item["embedding"] for item in again["data"]][::2] == [item["embedding"] for item in reversed(first["data"])]
    assert again["usage"]["prompt_tokens"] == 9


async def test_nothing_is_shared_between_users(client, tiny_backend):
    await embed(client, "secret", user="anna")
    await embed(client, "secret", user="ben")
    assert computed(tiny_backend) == 2


async def test_without_a_user_nothing_is_remembered(client, tiny_backend, redis):
    await embed(client, "one", user=None)
    await embed(client, "one", user=None)
    assert computed(tiny_backend) == 2
    assert await redis.dbsize() == 0


async def test_it_never_holds_more_than_it_may(open_client, tiny_backend, redis, expected_vector):
    async with open_client({"tiny": lambda: tiny_backend}, cache=VectorCache(redis, 5)) as client:
        texts = [f"text {number}" for number in range(50)]
        for _ in range(2):
            reply = await embed(client, *texts)
            assert np.allclose([item["embedding"] for item in reply["data"]], [expected_vector(text) for text in texts])
    assert await redis.dbsize() <= 5


async def test_without_redis_everything_is_computed(open_client, tiny_backend):
    async with (
        Redis(port=1, socket_connect_timeout=0.2) as away,
        open_client({"tiny": lambda: tiny_backend}, cache=VectorCache(away, 10)) as client,
    ):
        assert len((await embed(client, "one"))["data"]) == 1
        assert (await client.get("/metrics")).text.count('outcome="unavailable"') == 2

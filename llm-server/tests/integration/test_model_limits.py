"""What a provider takes of us is not exceeded; what is over it goes to the next model."""

import asyncio

import redis

from codemuse.testing import eventually

FULL = " ".join(f"word{number}" for number in range(10))


def rows_of(stage) -> list[str]:
    return [row["model"] for row in stage.rows()]


async def test_what_is_over_a_models_rate_goes_to_the_next(stage) -> None:
    await stage.declare(
        stage.model("scarce", limits={"requests_per_minute": 2}),
        stage.model("plenty"),
        roles={"chat": ["scarce", "plenty"]},
    )
    for _ in range(4):
        assert await stage.text() == FULL
    assert len(stage.upstream.asked("scarce")) == 2
    assert len(stage.upstream.asked("plenty")) == 2
    breakers = (await stage.http.get("/api/v1/circuit-breakers")).json()["items"]
    assert {one["failures"] for one in breakers} == {0}


async def test_alone_it_says_when_to_come_back(stage) -> None:
    await stage.declare(stage.model("scarce", limits={"requests_per_minute": 1}))
    assert (await stage.chat("scarce")).status_code == 200
    refused = await stage.chat("scarce")
    assert (refused.status_code, refused.json()["error"]["code"]) == (429, "llm_rate_limited")
    assert 1 <= int(refused.headers["Retry-After"]) <= 60


async def test_only_so_many_are_asked_at_once_and_places_come_free(stage) -> None:
    await stage.declare(
        stage.model("narrow?lead=0.5", "narrow", limits={"parallel_requests": 2}),
        stage.model("wide"),
        roles={"chat": ["narrow", "wide"]},
    )
    replies = await asyncio.gather(*(stage.chat() for _ in range(6)))
    assert {reply.status_code for reply in replies} == {200}
    assert len(stage.upstream.asked("narrow")) == 2
    store = redis.Redis.from_url(stage.settings.redis_url.get_secret_value())
    await eventually(lambda: not store.keys("llm:open:*") and not store.hlen("llm:pending"))
    await stage.chat()
    assert len(stage.upstream.asked("narrow")) == 3


async def test_tokens_that_were_not_used_are_given_back(stage) -> None:
    await stage.declare(stage.model("frugal", limits={"tokens_per_minute": 600}))
    for _ in range(5):
        assert (await stage.chat("frugal", max_tokens=500)).status_code == 200
        await asyncio.sleep(0.1)


async def test_its_limits_are_listed(stage) -> None:
    await stage.declare(stage.model("scarce", limits={"requests_per_minute": 2}))
    listed = (await stage.http.get("/api/v1/providers")).json()["models"][0]
    assert listed["limits"] == {"requests_per_minute": 2, "tokens_per_minute": None, "parallel_requests": None}

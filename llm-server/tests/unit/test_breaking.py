"""What a breaker learns of a call, however it ends."""

import asyncio
from contextlib import aclosing

import pytest

from codemuse.breaker import BreakerPolicy, CircuitBreaker, MemoryBreakerStore
from llm_server.core.calls import Call, Completion, make_completion, make_event
from llm_server.core.errors import (
    CapabilityMissing,
    ContextExceeded,
    KeyRefused,
    ModelError,
    ModelFailed,
    RequestRefused,
    TimeIsUp,
)
from llm_server.core.providers.provider import Events, Wrapper
from llm_server.core.wrappers.breaking import BreakingProvider

CALL = Call({"messages": [{"role": "user", "content": "Hello"}]})


class Model(Wrapper):
    """Takes its time, then fails or answers, whole or in two events."""

    def __init__(self, *, error: ModelError | None = None, seconds: float = 0.0) -> None:
        self.error, self.seconds, self.calls = error, seconds, 0

    async def complete(self, call: Call) -> Completion:
        self.calls += 1
        await asyncio.sleep(self.seconds)
        if self.error is not None:
            raise self.error
        return make_completion({"choices": [{}]})

    async def stream(self, call: Call) -> Events:
        for _ in range(2):
            completion = await self.complete(call)
            yield [make_event(completion.fields)]


@pytest.fixture
def breaker() -> CircuitBreaker:
    return CircuitBreaker("model", MemoryBreakerStore(), BreakerPolicy(slow_seconds=0.005, slow_window=4))


async def ask(provider: BreakingProvider, stream: bool) -> None:
    if not stream:
        await provider.complete(CALL)
        return
    async with aclosing(provider.stream(CALL)) as groups:
        async for _ in groups:
            pass


async def ask_often(model: Model, breaker: CircuitBreaker, stream: bool, times: int = 8) -> str:
    for _ in range(times):
        with pytest.raises(ModelError):
            await ask(BreakingProvider(model, breaker), stream)
    return (await breaker.read()).state


@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize("error", [ModelFailed("no"), KeyRefused("no")])
async def test_what_is_the_models_fault_opens_it(breaker, error, stream) -> None:
    model = Model(error=error)
    assert await ask_often(model, breaker, stream) == "open"
    assert model.calls == 5


@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize(
    "error", [RequestRefused("no"), ContextExceeded("no"), CapabilityMissing("no"), TimeIsUp("no")]
)
async def test_what_is_the_callers_doing_does_not(breaker, error, stream) -> None:
    model = Model(error=error)
    assert await ask_often(model, breaker, stream) == "closed"
    assert model.calls == 8


@pytest.mark.parametrize("error", [CapabilityMissing("no"), TimeIsUp("no")])
async def test_what_says_nothing_of_the_model_is_no_success_either(breaker, error) -> None:
    assert await ask_often(Model(error=ModelFailed("no")), breaker, False, times=4) == "closed"
    await ask_often(Model(error=error), breaker, False, times=1)
    assert await ask_often(Model(error=ModelFailed("no")), breaker, False, times=1) == "open"


@pytest.mark.parametrize("stream", [True, False])
async def test_who_leaves_before_the_first_word_counts_neither_way(breaker, stream) -> None:
    await ask_often(Model(error=ModelFailed("no")), breaker, stream, times=4)
    for _ in range(6):
        asking = asyncio.create_task(ask(BreakingProvider(Model(seconds=60), breaker), stream))
        await asyncio.sleep(0.01)
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)
    assert (await breaker.read()).failures == 4
    assert await ask_often(Model(error=ModelFailed("no")), breaker, stream, times=1) == "open"


@pytest.mark.parametrize("stream", [True, False])
async def test_slow_answers_open_it(breaker, stream) -> None:
    for _ in range(4):
        await ask(BreakingProvider(Model(seconds=0.01), breaker), stream)
    assert (await breaker.read()).state == "open"


async def test_a_stream_is_slow_by_its_first_word_only(breaker) -> None:
    for _ in range(6):
        async with aclosing(BreakingProvider(Model(), breaker).stream(CALL)) as groups:
            async for _ in groups:
                await asyncio.sleep(0.01)
    assert (await breaker.read()).state == "closed"

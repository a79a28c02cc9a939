"""Circuit breakers: the state machine, and what callers notice of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codemuse.breaker import (
    BreakerPolicy,
    BreakerRecord,
    BreakerState,
    CircuitBreaker,
    MemoryBreakerStore,
    admit,
    settle,
)
from codemuse.errors import Unavailable

POLICY = BreakerPolicy()


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def breaker(clock: Clock) -> CircuitBreaker:
    return CircuitBreaker("rag-server", MemoryBreakerStore(clock))


async def fail(breaker: CircuitBreaker, times: int) -> None:
    for _ in range(times):
        await breaker.before_call()
        await breaker.after_call(succeeded=False)


async def test_it_opens_after_five_failures_in_a_row(breaker: CircuitBreaker) -> None:
    await fail(breaker, 4)
    assert (await breaker.read()).state == "closed"
    await fail(breaker, 1)
    assert (await breaker.read()).state == "open"
    with pytest.raises(Unavailable) as raised:
        await breaker.before_call()
    assert raised.value.public_code == "circuit_open"
    assert raised.value.retry_after


async def test_a_success_in_between_starts_the_count_anew(breaker: CircuitBreaker) -> None:
    await fail(breaker, 4)
    await breaker.after_call(succeeded=True)
    await fail(breaker, 4)
    assert (await breaker.read()).state == "closed"


async def test_after_a_minute_three_probes_pass_and_the_fourth_call_waits(
    breaker: CircuitBreaker, clock: Clock
) -> None:
    await fail(breaker, 5)
    clock.now += 61
    for _ in range(3):
        await breaker.before_call()
    with pytest.raises(Unavailable):
        await breaker.before_call()


async def test_three_successful_probes_close_it(breaker: CircuitBreaker, clock: Clock) -> None:
    await fail(breaker, 5)
    clock.now += 61
    for _ in range(3):
        await breaker.before_call()
        await breaker.after_call(succeeded=True)
    assert (await breaker.read()).state == "closed"


async def test_one_failed_probe_opens_it_again(breaker: CircuitBreaker, clock: Clock) -> None:
    await fail(breaker, 5)
    clock.now += 61
    await breaker.before_call()
    await breaker.after_call(succeeded=False)
    assert (await breaker.read()).state == "open"
    assert (await breaker.read()).retry_after_seconds == pytest.approx(60)


async def test_probes_that_never_report_back_do_not_block_it_for_ever(breaker: CircuitBreaker, clock: Clock) -> None:
    await fail(breaker, 5)
    clock.now += 61
    for _ in range(3):
        await breaker.before_call()
    clock.now += 61
    await breaker.before_call()


async def test_a_probe_that_is_given_up_tells_nothing_and_frees_its_place(
    breaker: CircuitBreaker, clock: Clock
) -> None:
    await fail(breaker, 5)
    clock.now += 61
    for _ in range(10):
        await breaker.before_call()
        await breaker.abandon_call()
    assert (await breaker.read()).state == "half_open"
    for _ in range(3):
        await breaker.before_call()
        await breaker.after_call(succeeded=True)
    assert (await breaker.read()).state == "closed"


async def test_a_call_that_is_given_up_does_not_end_a_row_of_failures(breaker: CircuitBreaker) -> None:
    await fail(breaker, 4)
    await breaker.before_call()
    await breaker.abandon_call()
    await fail(breaker, 1)
    assert (await breaker.read()).state == "open"


async def test_a_large_share_of_slow_calls_opens_it(breaker: CircuitBreaker) -> None:
    for index in range(20):
        await breaker.before_call()
        await breaker.after_call(succeeded=True, seconds=31.0 if index >= 4 else 0.1)
    assert (await breaker.read()).state == "open"


async def test_replicas_with_one_store_share_the_state(clock: Clock) -> None:
    store = MemoryBreakerStore(clock)
    await fail(CircuitBreaker("llm", store), 5)
    with pytest.raises(Unavailable):
        await CircuitBreaker("llm", store).before_call()


@given(st.lists(st.tuples(st.booleans(), st.floats(min_value=0, max_value=200)), max_size=60))
def test_whatever_happens_no_more_probes_pass_than_allowed(calls: list[tuple[bool, float]]) -> None:
    record, now = BreakerRecord(), 0.0
    for succeeded, wait in calls:
        now += wait
        record, admitted = admit(record, now, POLICY)
        assert record.admitted <= POLICY.probe_count
        assert admitted or record.state is not BreakerState.CLOSED
        if admitted:
            record = settle(record, succeeded, now, POLICY)

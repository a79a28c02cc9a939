"""Circuit breakers: stop calling what does not answer, and find out gently when it does again.

CLOSED lets calls pass; ``failure_threshold`` failures in a row, or too large a share of slow calls, open it. OPEN
refuses until ``open_seconds`` have passed. HALF_OPEN admits ``probe_count`` calls: if all succeed it closes, one
failure opens it again (the pattern of Nygard, "Release It!", 2007). The record lives in Redis, so that all replicas
share it; without Redis, or while Redis is away, each process keeps its own.
"""

import time
from collections import deque
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Protocol

import orjson
from redis.asyncio import Redis
from redis.exceptions import RedisError, WatchError

from codemuse.contracts.common import BreakerRead
from codemuse.errors import Unavailable
from codemuse.metrics import BREAKER_OPEN


class BreakerState(StrEnum):
    """The three positions of a breaker."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


@dataclass(frozen=True, slots=True)
class BreakerPolicy:
    """When a breaker opens and how it closes again. Times in seconds."""

    failure_threshold: int = 5
    open_seconds: float = 60.0
    probe_count: int = 3
    slow_seconds: float = 30.0
    slow_share: float = 0.8
    slow_window: int = 20


@dataclass(frozen=True, slots=True)
class BreakerRecord:
    """What replicas share about one dependency. ``since`` is in seconds of the store's clock."""

    state: BreakerState = BreakerState.CLOSED
    failures: int = 0
    since: float = 0.0
    admitted: int = 0
    succeeded: int = 0


def admit(record: BreakerRecord, now: float, policy: BreakerPolicy) -> tuple[BreakerRecord, bool]:
    """May one more call pass? Returns the record after the decision."""
    if record.state is BreakerState.CLOSED:
        return record, True
    waited = now - record.since >= policy.open_seconds
    if waited:
        # OPEN is due for probes; or earlier probes never reported back, and their places are given out anew.
        return BreakerRecord(BreakerState.HALF_OPEN, record.failures, now, admitted=1), True
    if record.state is BreakerState.HALF_OPEN and record.admitted < policy.probe_count:
        return replace(record, admitted=record.admitted + 1), True
    return record, False


def settle(record: BreakerRecord, succeeded: bool, now: float, policy: BreakerPolicy) -> BreakerRecord:
    """The record after a call that was let pass has ended."""
    if not succeeded:
        failures = record.failures + 1
        if record.state is BreakerState.HALF_OPEN or failures >= policy.failure_threshold:
            since = record.since if record.state is BreakerState.OPEN else now
            return BreakerRecord(BreakerState.OPEN, failures, since)
        return replace(record, failures=failures)
    if record.state is BreakerState.HALF_OPEN:
        won = record.succeeded + 1
        closed = won >= policy.probe_count
        return BreakerRecord(since=now) if closed else replace(record, succeeded=won)
    return replace(record, failures=0) if record.state is BreakerState.CLOSED else record


def release(record: BreakerRecord) -> BreakerRecord:
    """The record after a call that was let pass was given up: nothing was learned, but its place is free again."""
    if record.state is BreakerState.HALF_OPEN and record.admitted > record.succeeded:
        return replace(record, admitted=record.admitted - 1)
    return record


Change = Callable[[BreakerRecord, float], BreakerRecord]


class BreakerStore(Protocol):
    """Keeps one record a dependency and changes it atomically."""

    async def change(self, name: str, change: Change) -> BreakerRecord:
        """Apply ``change(record, now)`` to the named record and return the result."""
        ...


class MemoryBreakerStore:
    """Records of this process."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._records: dict[str, BreakerRecord] = {}

    async def change(self, name: str, change: Change) -> BreakerRecord:
        """Apply the change; nothing else runs in between."""
        record = self._records[name] = change(self._records.get(name, BreakerRecord()), self._clock())
        return record


KNOWN_FOR_SECONDS = 0.25
"""So long a process trusts what it last read, and so late it notices that another replica has opened a breaker."""


class RedisBreakerStore:
    """Records shared by all replicas, timed by Redis' clock; falls back to this process while Redis is away.

    Nearly all calls meet a closed breaker and succeed, which changes nothing; Redis is not asked about these each time.
    """

    def __init__(self, redis: Redis, *, attempts: int = 20) -> None:
        self._redis = redis
        self._attempts = attempts
        self._fallback = MemoryBreakerStore()
        self._known: dict[str, tuple[float, BreakerRecord]] = {}

    async def change(self, name: str, change: Change) -> BreakerRecord:
        """Apply the change in an optimistic transaction; writes only when something changed."""
        if (known := self._untouched(name, change)) is not None:
            return known
        try:
            for _ in range(self._attempts):
                try:
                    record = await self._transact(f"breaker:{name}", change)
                except WatchError:
                    continue
                self._known[name] = (time.monotonic(), record)
                return record
        except (RedisError, OSError):
            pass
        return await self._fallback.change(name, change)

    def _untouched(self, name: str, change: Change) -> BreakerRecord | None:
        """The closed record that was read a moment ago, if the change leaves it as it is."""
        read_at, record = self._known.get(name, (0.0, BreakerRecord()))
        if time.monotonic() - read_at > KNOWN_FOR_SECONDS or record.state is not BreakerState.CLOSED:
            return None
        return record if change(record, 0.0) == record else None

    async def _transact(self, key: str, change: Change) -> BreakerRecord:
        async with self._redis.pipeline(transaction=True) as pipe:
            await pipe.watch(key)
            raw = await pipe.get(key)
            seconds, microseconds = await pipe.time()
            before = _decode(raw)
            after = change(before, seconds + microseconds / 1e6)
            if after != before:
                pipe.multi()  # type: ignore[no-untyped-call]
                pipe.set(key, orjson.dumps(asdict(after)), ex=86_400)
                await pipe.execute()
            return after


def _decode(raw: bytes | str | None) -> BreakerRecord:
    if raw is None:
        return BreakerRecord()
    fields = orjson.loads(raw)
    return BreakerRecord(**(fields | {"state": BreakerState(fields["state"])}))


@dataclass(slots=True)
class CircuitBreaker:
    """The breaker of one dependency."""

    name: str
    store: BreakerStore
    policy: BreakerPolicy = field(default_factory=BreakerPolicy)
    _recent_slow: deque[bool] = field(default_factory=deque)

    async def before_call(self) -> None:
        """Ask to call.

        Raises:
            Unavailable: The breaker is open; ``retry_after`` says for how long.
        """
        admitted = False

        def change(record: BreakerRecord, now: float) -> BreakerRecord:
            nonlocal admitted
            after, admitted = admit(record, now, self.policy)
            return after

        await self.store.change(self.name, change)
        if not admitted:
            raise Unavailable(
                f"{self.name} does not answer at the moment; it is tried again shortly.",
                code="circuit_open",
                retry_after=self.policy.open_seconds / 4,
                dependency=self.name,
            )

    async def after_call(self, *, succeeded: bool, seconds: float = 0.0) -> None:
        """Report how a call ended; a share of slow calls counts like a failure streak."""
        overloaded = self._note_slow(seconds > self.policy.slow_seconds)
        steps = self.policy.failure_threshold if overloaded else 1

        def change(record: BreakerRecord, now: float) -> BreakerRecord:
            for _ in range(steps):
                record = settle(record, succeeded and not overloaded, now, self.policy)
            return record

        record = await self.store.change(self.name, change)
        BREAKER_OPEN.labels(self.name).set(record.state is not BreakerState.CLOSED)

    async def abandon_call(self) -> None:
        """Report that a call was given up by whoever made it, which says nothing about the dependency."""
        await self.store.change(self.name, lambda record, _: release(record))

    async def read(self) -> BreakerRead:
        """The breaker as operators see it."""
        clock = 0.0

        def look(record: BreakerRecord, now: float) -> BreakerRecord:
            nonlocal clock
            clock = now
            return record

        record = await self.store.change(self.name, look)
        left = record.since + self.policy.open_seconds - clock if record.state is BreakerState.OPEN else 0.0
        since = datetime.fromtimestamp(record.since, UTC) if record.since else None
        return BreakerRead(
            name=self.name,
            state=record.state.value,
            failures=record.failures,
            since=since,
            retry_after_seconds=max(0.0, left),
        )

    def _note_slow(self, slow: bool) -> bool:
        self._recent_slow.append(slow)
        if len(self._recent_slow) < self.policy.slow_window:
            return False
        overloaded = sum(self._recent_slow) / len(self._recent_slow) >= self.policy.slow_share
        self._recent_slow.popleft()
        if overloaded:
            self._recent_slow.clear()
        return overloaded

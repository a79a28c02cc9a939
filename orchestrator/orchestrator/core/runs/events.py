"""The stream of a run: kept in Postgres, announced through Redis, readable from any event on by any number of readers."""

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator

from redis.asyncio import Redis
from redis.exceptions import RedisError

from codemuse.contracts.runs import EventType, RunEvent
from codemuse.database import Sessions
from codemuse.logging import get_logger
from orchestrator.core.runs.store import RunStore
from orchestrator.db.models import RunEventRow

_log = get_logger(__name__)
_CHANNEL = "run-events:"
POLL_SECONDS = 0.5
"""Readers look by themselves this often, so that a lost announcement costs no more than that."""


class EventAnnouncer:
    """Tells readers in all processes that a run has new events. Losing an announcement loses nothing."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._waiting: dict[str, set[asyncio.Event]] = defaultdict(set)

    async def announce(self, run_id: str) -> None:
        """Say that there is something new."""
        self._wake(run_id)
        with contextlib.suppress(RedisError, OSError):
            await self._redis.publish(_CHANNEL + run_id, b"")

    async def listen(self) -> None:
        """Pass announcements of other processes on, until cancelled; reconnects by itself."""
        while True:
            try:
                async with self._redis.pubsub() as subscription:
                    await subscription.psubscribe(_CHANNEL + "*")
                    async for message in subscription.listen():
                        if message["type"] == "pmessage":
                            self._wake(message["channel"].decode().removeprefix(_CHANNEL))
            except (RedisError, OSError) as error:
                _log.warning("announcements interrupted", reason=type(error).__name__)
                await asyncio.sleep(1)

    @contextlib.contextmanager
    def waiting(self, run_id: str) -> Iterator[asyncio.Event]:
        """An event that is set whenever the run has news."""
        news = asyncio.Event()
        self._waiting[run_id].add(news)
        try:
            yield news
        finally:
            self._waiting[run_id].discard(news)
            if not self._waiting[run_id]:
                del self._waiting[run_id]

    def _wake(self, run_id: str) -> None:
        for news in self._waiting.get(run_id, ()):
            news.set()


class EventReader:
    """Reads streams; holds a database connection only for the moment of each look."""

    def __init__(self, sessions: Sessions, announcer: EventAnnouncer) -> None:
        self._sessions = sessions
        self._announcer = announcer

    async def follow(self, run_id: str, after: int = 0) -> AsyncIterator[RunEvent]:
        """All events after a number, as they come, up to and including ``done``."""
        with self._announcer.waiting(run_id) as news:
            while True:
                news.clear()
                async with self._sessions() as session:
                    rows = await RunStore(session).list_events(run_id, after)
                for row in rows:
                    after = row.seq
                    yield as_event(row)
                    if row.type == EventType.DONE:
                        return
                if not rows:
                    with contextlib.suppress(TimeoutError):
                        async with asyncio.timeout(POLL_SECONDS):
                            await news.wait()


def as_event(row: RunEventRow) -> RunEvent:
    """The wire shape of a stored event."""
    return RunEvent.model_validate({**row.data, "run_id": row.run_id, "seq": row.seq, "type": row.type})

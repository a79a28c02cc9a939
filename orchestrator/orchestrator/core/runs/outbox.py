"""From the outbox to Celery, and from forgotten runs back to the outbox."""

import asyncio
import contextlib
from datetime import timedelta
from typing import Protocol

from sqlalchemy.exc import SQLAlchemyError

from codemuse.database import Sessions
from codemuse.logging import get_logger
from orchestrator.core.runs.store import RunStore

_log = get_logger(__name__)
_BATCH = 100
_LONGEST_NAP_SECONDS = 2.0


class TaskQueue(Protocol):
    """Something that wakes workers up."""

    async def send(self, run_id: str, kind: str) -> None:
        """Ask a worker to advance a run.

        Raises:
            OSError: The queue cannot be reached.
        """
        ...


class OutboxRelay:
    """Sends what is due. Runs in every gateway and worker; rows are locked, so each is sent by one of them."""

    def __init__(self, sessions: Sessions, queue: TaskQueue) -> None:
        self._sessions = sessions
        self._queue = queue
        self._kicked = asyncio.Event()

    def kick(self) -> None:
        """There is something to send now: called after the commit that wrote it."""
        self._kicked.set()

    async def run(self) -> None:
        """Relay until cancelled; waits out failures of Postgres and of the queue."""
        while True:
            self._kicked.clear()
            try:
                sent = await self.relay_once()
                nap = 0.0 if sent == _BATCH else await self._nap()
            except (OSError, SQLAlchemyError) as error:
                _log.warning("outbox is waiting", reason=type(error).__name__)
                nap = _LONGEST_NAP_SECONDS
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(nap):
                    await self._kicked.wait()

    async def relay_once(self) -> int:
        """Send everything that is due, at most one batch; what cannot be sent stays in the outbox."""
        async with self._sessions.begin() as session:
            due = await RunStore(session).take_due(_BATCH)
            for run_id, kind in due:
                await self._queue.send(run_id, kind)
        return len(due)

    async def _nap(self) -> float:
        async with self._sessions() as session:
            seconds = await RunStore(session).seconds_until_due()
        return _LONGEST_NAP_SECONDS if seconds is None else min(seconds, _LONGEST_NAP_SECONDS)


class Reaper:
    """Finds runs that nobody holds and nobody was called for."""

    def __init__(self, sessions: Sessions, relay: OutboxRelay, *, every: timedelta, queued_patience: timedelta) -> None:
        self._sessions = sessions
        self._relay = relay
        self._every = every
        self._queued_patience = queued_patience

    async def run(self) -> None:
        """Sweep until cancelled."""
        while True:
            with contextlib.suppress(OSError, SQLAlchemyError):
                await self.sweep()
            await asyncio.sleep(self._every.total_seconds())

    async def sweep(self) -> int:
        """Call again for forgotten runs; returns how many."""
        async with self._sessions.begin() as session:
            found = await RunStore(session).wake_forgotten(self._queued_patience)
        if found:
            _log.info("forgotten runs are dispatched again", count=found)
            self._relay.kick()
        return found

"""Usage rows on their way: from the call to Redis in moments, from Redis to Postgres in batches.

No call waits for a row to be written. Of a call under way, Redis knows what to write should the process die; whoever
finds such a row overdue writes it (``collect_lost``). While Redis is away, rows wait in this process. What Redis or
Postgres will not take is set aside, so that it holds nothing up. Where nobody can tell whether Redis has counted a
call (its reply did not come), the counters are summed anew from the rows, which are written once however often they come.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Sequence
from datetime import datetime
from typing import Any, cast

import asyncpg
import orjson
from redis.asyncio import Redis
from redis.exceptions import RedisError
from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import CompileError, DBAPIError, SQLAlchemyError, StatementError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from codemuse.logging import get_logger
from llm_server.core.accounts.limiter import Limiter
from llm_server.core.accounts.set_aside import SetAside
from llm_server.core.calls import Json
from llm_server.core.metrics import BUDGET_ALERTS, NOTES_DROPPED
from llm_server.db.models import UsageRow

_log = get_logger(__name__)
_PAUSE_SECONDS = 0.01
_FLUSH_SECONDS = 0.5
_ONE_BATCH = 500
_MOST_WAITING = 200_000
"""Rows that are kept while Redis is away; some hundred megabytes."""
_LOCK = "llm usage flush"
_ADD = insert(UsageRow).on_conflict_do_nothing()
"""The same statement for any number of rows: each other one would be kept prepared, in the process and in Postgres."""
_UNREADABLE = (StatementError, CompileError, ValueError, KeyError, TypeError)
"""What a row raises that is none: it is no JSON, lacks a column, or holds what its column cannot."""


class Ledger:
    """Writes down what calls used."""

    def __init__(self, limiter: Limiter, redis: Redis, engine: AsyncEngine) -> None:
        self._limiter = limiter
        self._redis = redis
        self._engine = engine
        self._set_aside = SetAside(engine)
        self._waiting: deque[Json] = deque(maxlen=_MOST_WAITING)
        self._awake = asyncio.Event()
        self._applying = asyncio.Lock()

    def note(self, operation: Json) -> None:
        """Have an operation of the limiter applied soon."""
        if len(self._waiting) == _MOST_WAITING:
            NOTES_DROPPED.inc()
        self._waiting.append(operation)
        self._awake.set()

    async def run_notes(self) -> None:
        """Apply noted operations, all that came together in one step. Runs until cancelled."""
        while True:
            await self._awake.wait()
            self._awake.clear()
            try:
                await self.apply_notes()
            except (RedisError, SQLAlchemyError, OSError) as error:
                _log.warning("usage waits", waiting=len(self._waiting), reason=str(error)[:200])
                await asyncio.sleep(1.0)
                self._awake.set()
            await asyncio.sleep(_PAUSE_SECONDS)

    async def bring_up_to_date(self) -> None:
        """Have everything that has ended written before sums are made; without Redis, sums are of what is written."""
        try:
            await self.apply_notes()
            await self.flush()
        except (RedisError, OSError) as error:
            _log.warning("usage may be incomplete", waiting=len(self._waiting), reason=str(error)[:200])

    async def close(self) -> None:
        """Bring to Postgres what can be brought; the rest waits in Redis for the next process."""
        try:
            await self.apply_notes()
            await self.flush()
        except (RedisError, SQLAlchemyError, OSError) as error:
            _log.warning("usage rows stay behind", waiting=len(self._waiting), reason=str(error)[:200])

    async def apply_notes(self) -> None:
        """Apply what waits now.

        Raises:
            RedisError, SQLAlchemyError: Redis or Postgres does not answer; nothing is lost.
        """
        async with self._applying:
            await self._apply_batches()

    async def _apply_batches(self) -> None:
        while self._waiting:
            batch = deque(self._waiting.popleft() for _ in range(min(len(self._waiting), _ONE_BATCH)))
            try:
                for outcome in await self._limiter.apply(list(batch)):
                    await self._look_at(batch[0], outcome)
                    batch.popleft()
            except BaseException:
                self._wait_again(batch)
                raise

    def _wait_again(self, batch: deque[Json]) -> None:
        """Put operations back before those that came since; without room for all of them, the oldest give way."""
        room = _MOST_WAITING - len(self._waiting)
        NOTES_DROPPED.inc(max(0, len(batch) - room))
        self._waiting.extendleft([operation | {"again": True} for operation in reversed(batch)][:room])

    async def _look_at(self, operation: Json, outcome: Json) -> None:
        for alert in outcome.get("alerts") or ():
            BUDGET_ALERTS.labels(str(alert["scope"]).split(":")[1], alert["unit"], alert["period"]).inc()
            _log.warning("a budget is nearly used up", **alert)
        if "failed" in outcome:
            await self._do_without_redis(operation, str(outcome["failed"]))
        elif "unsure" in outcome:
            await self._sum_anew(operation)

    async def _do_without_redis(self, operation: Json, reason: str) -> None:
        """Write the rows of a settlement that Redis refuses, and have the counters that it concerns summed anew."""
        await self._set_aside.keep("operation", orjson.dumps(operation), reason)
        if operation["op"] != "settle":
            return
        async with self._engine.connect() as connection:
            await self._write(connection, [row.encode() for row in operation["rows"]])
        await self._sum_anew(operation)

    async def _sum_anew(self, operation: Json) -> None:
        """Forget the counters that a settlement concerns; who needs them next sums up the rows."""
        await self.flush()
        keys = [cap["key"] for scope in operation["scopes"] for cap in scope["caps"]]
        if keys:
            await self._redis.delete(*keys)

    async def run_flush(self) -> None:
        """Move rows from Redis to Postgres. Runs until cancelled."""
        while True:
            await asyncio.sleep(_FLUSH_SECONDS)
            try:
                await self.collect_lost()
                await self.flush()
            except (RedisError, SQLAlchemyError, OSError) as error:
                _log.warning("usage rows wait", reason=str(error)[:200])
                await asyncio.sleep(1.0)

    async def flush(self) -> int:
        """Move all rows that are in Redis; of several processes one does it at a time.

        Returns:
            How many rows were moved.
        """
        moved = 0
        if not await self._redis.llen("llm:usage"):
            return 0
        async with self._engine.connect() as connection:
            await connection.execute(text("SELECT pg_advisory_lock(hashtext(:name))"), {"name": _LOCK})
            await connection.commit()
            try:
                while rows := await cast("Awaitable[list[bytes]]", self._redis.lrange("llm:usage", 0, _ONE_BATCH - 1)):
                    await self._write(connection, rows)
                    await cast("Awaitable[Any]", self._redis.ltrim("llm:usage", len(rows), -1))
                    moved += len(rows)
            finally:
                await connection.rollback()
                await connection.execute(text("SELECT pg_advisory_unlock(hashtext(:name))"), {"name": _LOCK})
        return moved

    async def _write(self, connection: AsyncConnection, rows: Sequence[bytes]) -> None:
        """Write rows together; if Postgres will not have them, one by one, and what it refuses is set aside."""
        try:
            await connection.execute(_ADD, [_fields(row) for row in rows])
            await connection.commit()
        except _UNREADABLE as error:
            if not _is_about_content(error):
                raise
            await connection.rollback()
            if len(rows) == 1:
                await self._set_aside.keep("row", rows[0], error)
                return
            for row in rows:
                await self._write(connection, [row])

    async def collect_lost(self) -> int:
        """Settle calls whose process has died, with what was reserved for them.

        Returns:
            How many there were.
        """
        seconds, _ = await self._redis.time()
        found = await self._redis.zrangebyscore("llm:pending:due", "-inf", seconds, start=0, num=_ONE_BATCH)
        due = cast("list[bytes]", found)
        for call_id in due:
            pending = await cast("Awaitable[bytes | None]", self._redis.hget("llm:pending", call_id))
            if pending is None:
                await self._redis.zrem("llm:pending:due", call_id)
                continue
            await self._settle_lost(call_id, pending)
        return len(due)

    async def _settle_lost(self, call_id: bytes, pending: bytes) -> None:
        _log.warning("a call was lost with its process", call_id=call_id.decode(errors="replace"))
        try:
            settlement = orjson.loads(pending) | {"again": True}  # of several processes that find it, one counts it
            outcome = (await self._limiter.apply([settlement]))[0]
        except (orjson.JSONDecodeError, TypeError) as error:
            await self._set_aside.keep("lost", pending, error)
        else:
            await self._look_at(settlement, outcome)
        # The settlement takes both away, unless it cannot be made.
        await self._redis.hdel("llm:pending", call_id)
        await self._redis.zrem("llm:pending:due", call_id)


def _is_about_content(error: Exception) -> bool:
    """Whether a statement failed for what it said, not for want of a database (SQLSTATE classes 22 and 23)."""
    if not isinstance(error, DBAPIError):
        return True
    state = str(getattr(error.orig, "sqlstate", None) or "")
    return state[:2] in {"22", "23"} or isinstance(getattr(error.orig, "__cause__", None), asyncpg.DataError)


def _fields(row: bytes) -> Json:
    fields: Json = orjson.loads(row)
    return {**fields, "at": datetime.fromisoformat(fields["at"])}

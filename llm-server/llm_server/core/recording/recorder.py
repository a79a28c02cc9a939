"""Writes prompts and answers down for organisations that asked for it, and forgets them when their time is over."""

import asyncio
from collections import deque
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from codemuse.logging import get_logger
from llm_server.core.calls import Call, Json
from llm_server.core.recording.secrets import hide_secrets
from llm_server.db.models import LoggedCallRow

_log = get_logger(__name__)
_PAUSE_SECONDS = 0.5
_ONE_BATCH = 100
_MOST_WAITING = 1000
"""Entries that wait for Postgres; older ones give way, for this log is no account."""
_LONGEST_TEXT = 100_000
_LOOK_FOR_OLD_SECONDS = 3600.0


class Recorder:
    """Keeps what ``record`` is given; nobody waits for it."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._waiting: deque[dict[str, Any]] = deque(maxlen=_MOST_WAITING)
        self._writing = asyncio.Lock()
        self._recorded: AbstractSet[str] = frozenset()
        self._keep_days: Mapping[str, int] = {}

    def use(self, recorded: AbstractSet[str], keep_days: Mapping[str, int]) -> None:
        """Record for these organisations from now on, and for no others.

        Args:
            recorded: Organisations whose calls are written down.
            keep_days: How long that is kept, also of organisations that turned it off.
        """
        self._recorded = recorded
        self._keep_days = keep_days

    def wants(self, organisation: str) -> bool:
        """Whether an organisation has its prompts and answers written down."""
        return organisation in self._recorded

    def record(self, call: Call, answer: str, outcome: str) -> None:
        """Have a call written down soon, without what looks like a credential."""
        caller, attempts = call.caller, call.trace.attempts
        self._waiting.append(
            {
                "id": call.id,
                "created_at": datetime.now(UTC),
                "organisation_id": caller.organisation,
                "user_id": caller.user,
                "key_id": caller.key,
                "run_id": caller.run,
                "asked_for": str(call.body.get("model") or "default")[:128],
                "model": attempts[-1].model if attempts else call.trace.cached_model,
                "outcome": outcome,
                "messages": [_readable(message) for message in call.messages],
                "answer": _text(answer),
            }
        )

    async def run(self) -> None:
        """Write what waits, and delete what is old. Runs until cancelled."""
        look_again = 0.0
        while True:
            await asyncio.sleep(_PAUSE_SECONDS)
            try:
                await self.flush()
                now = asyncio.get_running_loop().time()
                if now >= look_again:
                    await self.forget_old()
                    look_again = now + _LOOK_FOR_OLD_SECONDS
            except (SQLAlchemyError, OSError) as error:
                _log.warning("the prompt log waits", waiting=len(self._waiting), reason=type(error).__name__)

    async def flush(self) -> None:
        """Write what waits; on return it is written, whoever wrote it."""
        async with self._writing:
            while self._waiting:
                batch = [self._waiting.popleft() for _ in range(min(len(self._waiting), _ONE_BATCH))]
                try:
                    await self._write([entry for entry in batch if self.wants(entry["organisation_id"])])
                except BaseException:
                    self._wait_again(batch)
                    raise

    async def _write(self, entries: list[dict[str, Any]]) -> None:
        if entries:
            async with self._engine.begin() as connection:
                await connection.execute(insert(LoggedCallRow).on_conflict_do_nothing(), entries)

    def _wait_again(self, batch: list[dict[str, Any]]) -> None:
        """Put a batch back before what came since; without room for all of it, its oldest give way."""
        room = _MOST_WAITING - len(self._waiting)
        self._waiting.extendleft(list(reversed(batch))[:room])

    async def close(self) -> None:
        """Write what can be written."""
        try:
            await self.flush()
        except (SQLAlchemyError, OSError) as error:
            _log.warning("entries of the prompt log are lost", waiting=len(self._waiting), reason=type(error).__name__)

    async def forget_old(self) -> None:
        """Delete what is older than its organisation keeps it."""
        async with self._engine.begin() as connection:
            for organisation, days in self._keep_days.items():
                mine = LoggedCallRow.organisation_id == organisation
                until = datetime.now(UTC) - timedelta(days=days)
                await connection.execute(delete(LoggedCallRow).where(mine, LoggedCallRow.created_at < until))


def _readable(message: Json) -> Json:
    content = message.get("content")
    if isinstance(content, list):
        content = "\n".join(_part(part) for part in content if isinstance(part, dict))
    kept: Json = {"role": str(message["role"]), "content": _text(content or "")}
    if message.get("tool_calls"):
        kept["tool_calls"] = _text(orjson.dumps(message["tool_calls"]).decode())
    return kept


def _part(part: Json) -> str:
    text = part.get("text")
    return str(text) if text is not None else f"[{part.get('type', 'part')}]"


def _text(text: str) -> str:
    """As Postgres can keep it: without credentials, without NUL, of bearable length."""
    clean = text.replace("\0", "\N{REPLACEMENT CHARACTER}")
    shown = hide_secrets(clean[:_LONGEST_TEXT])
    left_out = len(clean) - _LONGEST_TEXT
    return f"{shown}\n[{left_out} more characters]" if left_out > 0 else shown

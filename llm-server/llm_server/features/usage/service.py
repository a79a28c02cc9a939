"""Reports of what was used."""

import csv
import io
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Row

from codemuse.contracts.usage import UsageFigures, UsageGroupRead, UsageQuery, UsageRead
from codemuse.database import Sessions
from codemuse.errors import InvalidInput
from llm_server.core.accounts.ledger import Ledger
from llm_server.core.calls import Caller
from llm_server.db.models import UsageRow
from llm_server.features.usage.repository import UsageRepository

_USUAL_SPAN = timedelta(days=30)
_MILLION = 1_000_000
_COLUMNS = tuple(column.name for column in UsageRow.__table__.columns if column.name != "organisation_id")
_RISKY = ("=", "+", "-", "@", "\t", "\r")


class UsageService:
    """Usage of the caller's organisation; who does not administer it sees their own.

    Args:
        sessions: Where the rows are.
        ledger: Brings them up to date before they are summed.
    """

    def __init__(self, sessions: Sessions, ledger: Ledger) -> None:
        self._sessions = sessions
        self._ledger = ledger

    async def read(self, query: UsageQuery, caller: Caller) -> UsageRead:
        """Sums by group, and the total, which is the sum of the rows.

        Raises:
            InvalidInput: The end is before the start.
        """
        await self._ledger.bring_up_to_date()
        query = _complete(query, caller)
        async with self._sessions() as session:
            repository = UsageRepository(session, caller.organisation)
            groups = list(dict.fromkeys(query.group_by))
            found = await repository.sum_by(query, groups)
            total = (await repository.sum_by(query, []))[0]
        items = [
            UsageGroupRead(group={name: getattr(row, f"group_{name}") for name in groups}, **_figures(row))
            for row in found
        ]
        assert query.start is not None  # noqa: S101 - completed above
        assert query.end is not None  # noqa: S101
        return UsageRead(start=query.start, end=query.end, total=UsageFigures(**_figures(total)), items=items)

    async def export(self, query: UsageQuery, caller: Caller) -> AsyncIterator[str]:
        """Every row as CSV, a piece at a time.

        Raises:
            InvalidInput: The end is before the start.
        """
        await self._ledger.bring_up_to_date()
        query = _complete(query, caller)
        yield _line(_COLUMNS)
        async with self._sessions() as session:
            async for row in UsageRepository(session, caller.organisation).iter_rows(query):
                yield _line([_cell(getattr(row, name)) for name in _COLUMNS])


def _complete(query: UsageQuery, caller: Caller) -> UsageQuery:
    end = _aware(query.end) or datetime.now(UTC) + timedelta(seconds=1)
    start = _aware(query.start) or end - _USUAL_SPAN
    if start >= end:
        raise InvalidInput("The end of the time must be after its start.", param="end")
    own = {} if caller.is_admin else {"user_id": caller.user}
    return query.model_copy(update={"start": start, "end": end, **own})


def _aware(moment: datetime | None) -> datetime | None:
    return moment.replace(tzinfo=UTC) if moment is not None and moment.tzinfo is None else moment


def _figures(row: Row[Any]) -> dict[str, Any]:
    first = row.first_p50
    sums = ("requests", "upstream_calls", "failed_requests", "prompt_tokens", "completion_tokens", "cached_tokens")
    rest = ("estimated_calls", "from_cache", "fallbacks", "switches")
    return {
        **{name: int(getattr(row, name)) for name in (*sums, *rest)},
        "cost": int(row.cost) / _MILLION,
        "p50_ms": round(row.p50 * 1000, 1),
        "p95_ms": round(row.p95 * 1000, 1),
        "first_token_p50_ms": None if first is None else round(first * 1000, 1),
    }


def _cell(value: Any) -> str:
    """A value that no spreadsheet takes for a formula."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    text = "" if value is None else str(value)
    return f"'{text}" if isinstance(value, str) and text.startswith(_RISKY) else text


def _line(cells: Sequence[str]) -> str:
    text = io.StringIO()
    csv.writer(text).writerow(cells)
    return text.getvalue()

"""Sums over usage rows, as Postgres makes them."""

from collections.abc import AsyncIterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, Text, case, cast, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from codemuse.contracts.usage import UsageQuery
from llm_server.db.models import UsageRow

_SUCCEEDED = ("ok",)
_MAXIMUM_GROUPS = 5000
_UTC = "UTC"


class UsageRepository:
    """Usage of one organisation."""

    def __init__(self, session: AsyncSession, organisation_id: str) -> None:
        self._session = session
        self._organisation_id = organisation_id

    async def sum_by(self, query: UsageQuery, groups: Sequence[str]) -> Sequence[Row[Any]]:
        """The figures of every group, in the groups' order; with no groups, one row for all."""
        columns = [_GROUPS[name].label(f"group_{name}") for name in groups]
        statement = self._filter(select(*columns, *_figures()), query)
        if columns:
            statement = statement.group_by(*columns).order_by(*columns).limit(_MAXIMUM_GROUPS)
        found: Sequence[Row[Any]] = (await self._session.execute(statement)).all()
        return found

    async def iter_rows(self, query: UsageQuery) -> AsyncIterator[UsageRow]:
        """Every row, oldest first, read as it is needed."""
        statement = self._filter(select(UsageRow), query).order_by(UsageRow.at, UsageRow.call_id, UsageRow.attempt)
        rows = await self._session.stream_scalars(statement.execution_options(yield_per=1000))
        async for row in rows:
            yield row

    def _filter(self, statement: Select[Any], query: UsageQuery) -> Select[Any]:
        statement = statement.where(
            UsageRow.organisation_id == self._organisation_id, UsageRow.at >= query.start, UsageRow.at < query.end
        )
        given = (
            (UsageRow.user_id, query.user_id),
            (UsageRow.key_id, query.key_id),
            (UsageRow.run_id, query.run_id),
            (UsageRow.model, query.model),
        )
        for column, value in given:
            if value is not None:
                statement = statement.where(column == value)
        return statement


def _moment(pattern: str) -> ColumnElement[str]:
    return func.to_char(func.timezone(_UTC, UsageRow.at), pattern)


_GROUPS: dict[str, ColumnElement[Any]] = {
    "day": _moment("YYYY-MM-DD"),
    "hour": _moment('YYYY-MM-DD"T"HH24:00"Z"'),
    "model": cast(UsageRow.model, Text),
    "user": cast(UsageRow.user_id, Text),
    "key": cast(UsageRow.key_id, Text),
    "run": cast(UsageRow.run_id, Text),
    "asked_for": cast(UsageRow.asked_for, Text),
    "outcome": cast(UsageRow.outcome, Text),
}


def _figures() -> list[ColumnElement[Any]]:
    last = UsageRow.is_last
    upstream = UsageRow.cache == ""
    return [
        func.count(case((last, 1))).label("requests"),
        func.count(case((upstream, 1))).label("upstream_calls"),
        func.count(case((last & UsageRow.outcome.not_in(_SUCCEEDED), 1))).label("failed_requests"),
        func.coalesce(func.sum(UsageRow.prompt_tokens), 0).label("prompt_tokens"),
        func.coalesce(func.sum(UsageRow.completion_tokens), 0).label("completion_tokens"),
        func.coalesce(func.sum(UsageRow.cached_tokens), 0).label("cached_tokens"),
        func.count(case((UsageRow.is_estimated, 1))).label("estimated_calls"),
        func.coalesce(func.sum(UsageRow.cost), 0).label("cost"),
        func.count(case((last & ~upstream, 1))).label("from_cache"),
        func.count(case((last & UsageRow.is_fallback, 1))).label("fallbacks"),
        func.count(case((UsageRow.is_switch, 1))).label("switches"),
        func.coalesce(func.percentile_cont(0.5).within_group(UsageRow.seconds), 0.0).label("p50"),
        func.coalesce(func.percentile_cont(0.95).within_group(UsageRow.seconds), 0.0).label("p95"),
        func.percentile_cont(0.5).within_group(UsageRow.first_token_seconds).label("first_p50"),
    ]

"""Reservations and settlements in Redis: one script, so that many processes never spend the same budget twice."""

import math
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Never, cast

import orjson
from redis.asyncio import Redis
from redis.exceptions import RedisError, ResponseError

from codemuse.errors import BudgetExceeded, TooManyRequests, Unavailable
from llm_server.core.accounts.book import Cap, Scope
from llm_server.core.calls import Json

_SCRIPT = (Path(__file__).parent / "limits.lua").read_text()
_COUNTER_SECONDS = 40 * 86_400
_MILLION = 1_000_000
_PASSING = ("OOM ", "READONLY ", "MISCONF ", "NOREPLICAS ", "LOADING ", "BUSY ", "MASTERDOWN ", "CLUSTERDOWN ")
LoadSpent = Callable[[Scope, Cap, datetime], Awaitable[int]]


class RateLimited(TooManyRequests):
    """Asked too fast, or too much at once."""

    code = "rate_limited"

    def __init__(self, message: str, *, headers: Mapping[str, str], **rest: Any) -> None:
        super().__init__(message, **rest)
        self.headers = headers


class LimitsUnavailable(Unavailable):
    """Limits cannot be looked at now, and must not be exceeded."""

    code = "limits_unavailable"


class Limiter:
    """Applies operations to the shared counters.

    Args:
        redis: Where the counters are.
        load_spent: Sums up what was spent, from the usage rows; asked when Redis does not know (any more).
    """

    def __init__(self, redis: Redis, load_spent: LoadSpent) -> None:
        self._redis = redis
        self._script = redis.register_script(_SCRIPT)
        self._load_spent = load_spent

    async def apply(self, operations: Sequence[Json]) -> list[Json]:
        """Apply operations in their order, in one step.

        Returns:
            What came of each; what Redis will not take of it is ``failed``, with its reason.

        Raises:
            RedisError: Redis does not answer, or takes nothing at the moment.
        """
        try:
            reply = await self._script(args=[orjson.dumps(operations)])
        except ResponseError as error:
            if _is_passing(str(error)):
                raise
            if len(operations) == 1:
                return [{"failed": str(error)}]
            return [outcome for one in operations for outcome in await self.apply([one])]
        outcomes = cast("list[Json]", orjson.loads(reply))
        if any(_is_passing(str(outcome["failed"])) for outcome in outcomes if "failed" in outcome):
            raise ResponseError("Redis takes nothing at the moment.")
        return outcomes

    async def reserve(self, begin: Json, scopes: Sequence[Scope]) -> dict[str, str]:
        """Take a reservation.

        Returns:
            What the caller is told of the limits, as headers.

        Raises:
            BudgetExceeded: A cap is spent.
            RateLimited: There are too many requests or tokens a minute, or at once.
            LimitsUnavailable: Redis does not answer.
        """
        try:
            for _ in range(1 + 4 * len(scopes)):
                outcome = (await self.apply([begin]))[0]
                if outcome.get("refused") != "unknown":
                    break
                await self._fill(str(outcome["key"]), scopes)
        except (RedisError, OSError) as error:
            raise LimitsUnavailable("Budgets cannot be looked at now; try again shortly.", retry_after=2) from error
        if "failed" in outcome:
            raise LimitsUnavailable("Budgets cannot be looked at now; an administrator must see why.", retry_after=60)
        headers = _headers(outcome.get("told") or {})
        if "refused" in outcome:
            _refuse(outcome, headers)
        return headers

    async def _fill(self, key: str, scopes: Sequence[Scope]) -> None:
        now = datetime.now(UTC)
        for scope in scopes:
            for cap in scope.caps:
                if scope.cap_key(cap, now) == key:
                    spent = await self._load_spent(scope, cap, now)
                    await cast("Awaitable[Any]", self._redis.hsetnx(key, "spent", str(spent)))
                    await self._redis.expire(key, _COUNTER_SECONDS)


def _is_passing(reason: str) -> bool:
    """Whether Redis refuses everything for a while: it is full, loads, or is no longer the master."""
    return any(word in reason for word in _PASSING)


def scope_fields(scopes: Sequence[Scope], now: datetime) -> list[Json]:
    """Scopes as the script reads them; Lua takes JSON's null for true, so what is not limited is left out."""
    return [
        {
            "kind": scope.kind,
            "name": scope.name,
            **{name: limit for name, limit in _rates(scope).items() if limit is not None},
            "alert": scope.limits.alert_share,
            "caps": [
                {"key": scope.cap_key(cap, now), "limit": cap.limit, "unit": cap.unit, "period": cap.period}
                for cap in scope.caps
            ],
        }
        for scope in scopes
    ]


def _rates(scope: Scope) -> dict[str, int | None]:
    limits = scope.limits
    return {
        "parallel": limits.parallel_requests,
        "requests": limits.requests_per_minute,
        "tokens": limits.tokens_per_minute,
    }


def _headers(told: Json) -> dict[str, str]:
    headers = {}
    for kind, state in told.items() if isinstance(told, dict) else ():
        headers[f"X-RateLimit-Limit-{kind.title()}"] = str(state["limit"])
        headers[f"X-RateLimit-Remaining-{kind.title()}"] = str(state["remaining"])
        headers[f"X-RateLimit-Reset-{kind.title()}"] = f"{math.ceil(max(0.0, state['reset']))}s"
    return headers


def _refuse(outcome: Json, headers: dict[str, str]) -> Never:
    scope = {"organisation": "Your organisation", "user": "You", "key": "This key", "model": "This model"}[
        outcome["scope"]
    ]
    if outcome["refused"] == "budget":
        unit, divisor = ("tokens", 1) if outcome["unit"] == "tokens" else ("of cost", _MILLION)
        limit = outcome["limit"] / divisor
        message = f"{scope} reached the {outcome['period']}'s limit of {limit:g} {unit}."
        raise BudgetExceeded(
            message, retry_after=_seconds_left(outcome["period"]), scope=outcome["scope"], period=outcome["period"]
        )
    what = {"requests": "requests a minute", "tokens": "tokens a minute", "parallel": "requests at once"}
    raise RateLimited(
        f"{scope} may ask for {outcome['limit']} {what[outcome['refused']]}; try again shortly.",
        retry_after=float(outcome["retry_after"]),
        headers=headers,
        scope=outcome["scope"],
    )


def _seconds_left(period: str) -> float:
    now = datetime.now(UTC)
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0).timestamp() + 86_400
    if period == "day":
        return midnight - now.timestamp()
    year, month = divmod(now.year * 12 + now.month, 12)
    return datetime(year, month + 1, 1, tzinfo=UTC).timestamp() - now.timestamp()

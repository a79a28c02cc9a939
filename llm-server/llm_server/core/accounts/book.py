"""The budgets of one moment, and which of them hold for a caller. Never changed, only replaced."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from codemuse.contracts.usage import Limits
from llm_server.core.calls import Caller

_MILLION = 1_000_000
_CAPS = (
    ("cost", "day", "cost_per_day"),
    ("cost", "month", "cost_per_month"),
    ("tokens", "day", "tokens_per_day"),
    ("tokens", "month", "tokens_per_month"),
)


@dataclass(frozen=True, slots=True)
class Cap:
    """The most that may be spent in a period."""

    unit: str
    """``cost`` (in millionths) or ``tokens``."""
    period: str
    """``day`` or ``month``, by UTC."""
    limit: int


@dataclass(frozen=True, slots=True)
class Scope:
    """Limits of one organisation, user or key."""

    kind: str
    organisation: str
    subject: str
    limits: Limits
    caps: tuple[Cap, ...]

    @property
    def name(self) -> str:
        """As keys in Redis spell it."""
        return f"{self.organisation}:{self.kind}:{self.subject}"

    def cap_key(self, cap: Cap, now: datetime) -> str:
        """Where the spending of the present period is counted."""
        return f"llm:spent:{self.name}:{cap.unit}:{period_start(cap.period, now):%Y-%m-%d}:{cap.period}"


@dataclass(frozen=True, slots=True)
class LimitBook:
    """Budgets by organisation, scope and subject; the empty subject stands for each without an own budget."""

    limits: Mapping[tuple[str, str, str], Limits] = field(default_factory=dict)
    _known: dict[tuple[str, str, str], tuple[Scope, ...]] = field(default_factory=dict)

    def scopes_of(self, caller: Caller) -> tuple[Scope, ...]:
        """Every scope with limits that a caller's spending counts in."""
        who = (caller.organisation, caller.user, caller.key)
        scopes = self._known.get(who)
        if scopes is None:
            scopes = self._known[who] = tuple(self._find(caller))
        return scopes

    def _find(self, caller: Caller) -> Iterator[Scope]:
        subjects = (("organisation", ""), ("user", caller.user), ("key", caller.key))
        for kind, subject in subjects:
            if kind != "organisation" and not subject:
                continue
            organisation = caller.organisation
            limits = self.limits.get((organisation, kind, subject)) or self.limits.get((organisation, kind, ""))
            if limits is not None:
                yield make_scope(organisation, kind, subject, limits)


def make_scope(organisation: str, kind: str, subject: str, limits: Limits) -> Scope:
    """A scope with its caps in whole units."""
    given: dict[str, Any] = limits.model_dump()
    caps = tuple(
        Cap(unit, period, round(given[name] * (_MILLION if unit == "cost" else 1)))
        for unit, period, name in _CAPS
        if given[name] is not None
    )
    return Scope(kind, organisation, subject, limits, caps)


def period_start(period: str, now: datetime) -> datetime:
    """When the day or month of a moment began, by UTC."""
    day = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return day if period == "day" else day.replace(day=1)

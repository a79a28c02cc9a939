"""What language models cost, who may spend how much, and how fast they may ask."""

from datetime import datetime
from typing import Literal

from pydantic import Field, field_validator

from codemuse.contracts.common import Reply, Request

BudgetScope = Literal["organisation", "user", "key"]
UsageGroup = Literal["day", "hour", "model", "user", "key", "run", "asked_for", "outcome"]
_BY_DAY: tuple[UsageGroup, ...] = ("day",)


class Limits(Request):
    """Limits of one budget; what is not given is without limit. Costs are in the currency of the prices."""

    cost_per_day: float | None = Field(default=None, ge=0)
    cost_per_month: float | None = Field(default=None, ge=0)
    tokens_per_day: int | None = Field(default=None, ge=0)
    tokens_per_month: int | None = Field(default=None, ge=0)
    requests_per_minute: int | None = Field(default=None, ge=1)
    tokens_per_minute: int | None = Field(default=None, ge=1)
    parallel_requests: int | None = Field(default=None, ge=1)
    alert_share: float = Field(default=0.8, gt=0, le=1)
    """A warning is given when this share of a cap is spent."""


class BudgetWrite(Request):
    """Body of ``PUT /api/v1/budgets``; without ``subject_id`` it holds for each that has none of their own."""

    scope: BudgetScope
    subject_id: str = Field(default="", max_length=128)
    limits: Limits | None
    """``None`` takes the budget away."""


class Spent(Reply):
    """What was spent of a cap in the present day or month."""

    unit: Literal["cost", "tokens"]
    period: Literal["day", "month"]
    spent: float
    limit: float
    is_alert: bool


class BudgetRead(Reply):
    """A budget, and what was spent of it where it names somebody."""

    scope: BudgetScope
    subject_id: str
    limits: Limits
    spent: list[Spent] = Field(default_factory=list)


class BudgetList(Reply):
    """Reply of ``GET /api/v1/budgets``."""

    items: list[BudgetRead]


class UsageQuery(Request):
    """Query of ``GET /api/v1/usage``."""

    start: datetime | None = None
    """Thirty days ago when not given."""
    end: datetime | None = None
    group_by: list[UsageGroup] = Field(default_factory=lambda: list(_BY_DAY), min_length=1, max_length=3)
    user_id: str | None = Field(default=None, max_length=128)
    key_id: str | None = Field(default=None, max_length=128)
    run_id: str | None = Field(default=None, max_length=128)
    model: str | None = Field(default=None, max_length=128)

    @field_validator("group_by", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        """``group_by=day,model`` is the same as giving it twice."""
        given = [value] if isinstance(value, str) else value
        return [part for one in given for part in str(one).split(",")] if isinstance(given, list) else given


class UsageFigures(Reply):
    """Sums over usage rows. Latencies are medians and 95th percentiles, in milliseconds."""

    requests: int
    upstream_calls: int
    failed_requests: int
    prompt_tokens: int
    completion_tokens: int
    cached_tokens: int
    estimated_calls: int
    cost: float
    from_cache: int
    fallbacks: int
    switches: int
    p50_ms: float
    p95_ms: float
    first_token_p50_ms: float | None = None


class UsageGroupRead(UsageFigures):
    """The figures of one group."""

    group: dict[str, str]


class UsageRead(Reply):
    """Reply of ``GET /api/v1/usage``."""

    start: datetime
    end: datetime
    total: UsageFigures
    items: list[UsageGroupRead]


class UsageSubject(Reply):
    """A person or an API key that usage may name."""

    id: str
    name: str
    detail: str
    """The address of a person, the beginning of a key: tells two of the same name apart."""
    is_gone: bool = False
    """Whether the key was taken back, or the person may not sign in any more."""


class UsageSubjects(Reply):
    """Reply of ``GET /api/v1/usage/subjects``; whoever is missing was deleted."""

    users: list[UsageSubject]
    keys: list[UsageSubject]


class CachePurged(Reply):
    """Reply of ``DELETE /api/v1/cache``."""

    purged: int
    """How many entries there were."""

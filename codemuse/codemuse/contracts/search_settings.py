"""How search is tuned: the weights of its signals, and the evaluation that guards them."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from codemuse.contracts.common import Identifier, Reply, Request
from codemuse.contracts.evaluations import MeasureRead
from codemuse.contracts.rag import Signal
from codemuse.contracts.runs import RunError, RunRead

MOST_WEIGHT = 5.0

Weights = dict[Signal, Annotated[float, Field(ge=0, le=MOST_WEIGHT)]]
"""Only those that are not as they come; a factor is at most 1."""


class SignalWeight(Reply):
    """What a signal weighs when nobody says otherwise."""

    signal: Signal
    default: float
    is_factor: bool
    """Whether it multiplies (1 changes nothing) instead of adding (0 adds nothing)."""
    maximum: float


class WeightList(Reply):
    """Reply of ``GET /api/v1/weights`` of rag-server."""

    items: list[SignalWeight]


class SettingsGuard(Request):
    """Body of ``PUT /api/v1/search-settings/guard``: the questions that a change must still answer as well."""

    evaluation_id: Identifier
    """An evaluation that ended well: its questions are asked again, of what is published then."""
    tolerance: float = Field(default=0.005, ge=0, le=0.5)
    """By how much NDCG@10 may fall."""


class GuardRead(Reply):
    """The guard as it is set."""

    evaluation_id: str
    repository_id: str
    evaluation_name: str
    tolerance: float


class SearchSettingsUpdate(Request):
    """Body of ``PUT /api/v1/search-settings``: all weights that are not to be as they come."""

    weights: Weights = Field(default_factory=dict)
    force: bool = False
    """Set them without asking the guard; that is written down."""


class ChangeStatus(StrEnum):
    """What became of a change."""

    EVALUATING = "evaluating"
    APPLIED = "applied"
    REFUSED = "refused"
    """The score would have fallen by more than the tolerance."""
    FORCED = "forced"
    """An administrator set it without asking the guard."""
    SUPERSEDED = "superseded"
    """Another change was forced while this one was evaluated."""
    FAILED = "failed"
    """It could not be evaluated; the settings stayed as they were."""


class SettingsChange(Reply):
    """A change that somebody asked for, and what became of it."""

    id: str
    status: ChangeStatus
    weights: dict[Signal, float]
    user_name: str | None = None
    evaluation_id: str | None = None
    run_id: str | None = None
    tolerance: float | None = None
    before: MeasureRead | None = None
    after: MeasureRead | None = None
    error: RunError | None = None
    created_at: datetime


class WeightRead(SignalWeight):
    """A signal and what it weighs here."""

    value: float


class SearchSettingsRead(Reply):
    """Reply of ``GET /api/v1/search-settings``."""

    weights: list[WeightRead]
    guard: GuardRead | None = None
    changes: list[SettingsChange]
    """The newest first; one that is being evaluated is among them."""


class SearchSettingsReply(SearchSettingsRead):
    """Reply of ``PUT``: 200 when the change holds, 202 with a run when the guard is asked first."""

    run: RunRead | None = None

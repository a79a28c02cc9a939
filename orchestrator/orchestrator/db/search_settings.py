"""Queries on the weights of search, which searching, answering and evaluating share."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from codemuse.contracts.rag import Signal
from codemuse.contracts.search_settings import ChangeStatus
from orchestrator.core.audit import record
from orchestrator.db.models import SearchSettings, SearchSettingsChange

_ALL = {signal.value for signal in Signal}


async def weights_of(session: AsyncSession, organisation_id: str) -> dict[Signal, float]:
    """What an organisation has set; nothing for what is as it comes."""
    query = select(SearchSettings.weights).where(SearchSettings.organisation_id == organisation_id)
    return read_weights(await session.scalar(query))


def read_weights(found: Mapping[str, Any] | None) -> dict[Signal, float]:
    """Weights as they are kept, without signals that there are no more."""
    return {Signal(name): float(value) for name, value in (found or {}).items() if name in _ALL}


async def lock_settings(session: AsyncSession, organisation_id: str) -> SearchSettings:
    """The settings of an organisation for writing; made where there are none."""
    found = await session.get(SearchSettings, organisation_id, with_for_update=True)
    if found is None:
        found = SearchSettings(organisation_id=organisation_id, weights={}, tolerance=0.0)
        session.add(found)
        await session.flush()
    return found


async def decide(
    session: AsyncSession, change_id: str, result: Mapping[str, Any], error: Mapping[str, Any] | None
) -> None:
    """Bring a change that was evaluated to its end: it holds, unless the score falls by more than it may.

    Args:
        session: Of the transaction that ends the evaluation.
        change_id: The change.
        result: Figures of the evaluation; ``measure`` is as things are, ``proposed`` as they would be.
        error: Why there are none.
    """
    change = await session.get(SearchSettingsChange, change_id, with_for_update=True)
    if change is None or change.status != ChangeStatus.EVALUATING:
        return
    change.before, change.after = result.get("measure"), result.get("proposed")
    if change.before is None or change.after is None:
        change.status, change.error = ChangeStatus.FAILED, dict(error) if error else None
    elif change.after["ndcg"] < change.before["ndcg"] - (change.tolerance or 0.0):
        change.status = ChangeStatus.REFUSED
    else:
        change.status = ChangeStatus.APPLIED
        (await lock_settings(session, change.organisation_id)).weights = dict(change.weights)
    record(
        session,
        "search_settings.decide",
        organisation_id=change.organisation_id,
        user_id=change.user_id,
        outcome="done" if change.status == ChangeStatus.APPLIED else "refused",
        change_id=change.id,
        status=change.status,
    )

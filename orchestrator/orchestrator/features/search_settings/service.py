"""Changing how search is tuned, but not for the worse by accident."""

from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from codemuse.clients.rag import RagClient
from codemuse.contracts.rag import Signal
from codemuse.contracts.runs import RunRead
from codemuse.contracts.search_settings import (
    ChangeStatus,
    GuardRead,
    SearchSettingsRead,
    SearchSettingsReply,
    SearchSettingsUpdate,
    SettingsChange,
    SettingsGuard,
    SignalWeight,
    WeightRead,
)
from codemuse.database import Sessions
from codemuse.errors import Conflict, InvalidInput
from orchestrator.core.audit import record
from orchestrator.core.evaluating import EvaluatedVersion, begin_evaluation
from orchestrator.core.principal import Principal
from orchestrator.core.runs.outbox import OutboxRelay
from orchestrator.core.runs.reading import read_run
from orchestrator.db.models import Run, SearchSettings, SearchSettingsChange
from orchestrator.db.repositories import RepositoryLookup
from orchestrator.db.search_settings import lock_settings
from orchestrator.features.search_settings.repository import ChangeRepository

_QUESTIONS = ("questions", "sources", "sample", "seed")
"""What of an evaluation says which questions it asks."""
_SAME = 1e-9


class SearchSettingsService:
    """The weights of search in the caller's organisation."""

    def __init__(self, sessions: Sessions, rag: RagClient, relay: OutboxRelay) -> None:
        self._sessions = sessions
        self._rag = rag
        self._relay = relay

    async def read(self, principal: Principal) -> SearchSettingsRead:
        """The settings, their guard and the newest changes."""
        principal.require_admin()
        known = (await self._rag.get_weights()).items
        async with self._sessions() as session:
            return await _read(session, principal.organisation_id, known)

    async def change(self, principal: Principal, wanted: SearchSettingsUpdate) -> SearchSettingsReply:
        """Set the weights; with a guard, once it has found that search does not become worse.

        Raises:
            InvalidInput: A weight is out of its bounds.
            Conflict: Another change is being evaluated, or the guard cannot be asked any more.
        """
        principal.require_admin()
        known = (await self._rag.get_weights()).items
        weights = _bounded(wanted.weights, known)
        started: RunRead | None = None
        try:
            async with self._sessions.begin() as session:
                settings = await lock_settings(session, principal.organisation_id)
                if _differ(settings.weights, weights):
                    run = await self._begin(session, principal, settings, weights, force=wanted.force)
                    started = await read_run(session, run) if run else None
        except IntegrityError:
            raise _pending() from None
        self._relay.kick()
        async with self._sessions() as session:
            settled = await _read(session, principal.organisation_id, known)
        return SearchSettingsReply(**settled.model_dump(), run=started)

    async def set_guard(self, principal: Principal, guard: SettingsGuard | None) -> SearchSettingsRead:
        """Choose what guards changes, or that nothing does.

        Raises:
            NotFound: There is no such evaluation in the organisation.
            Conflict: It cannot guard.
        """
        principal.require_admin()
        async with self._sessions.begin() as session:
            if guard is not None:
                await ChangeRepository(session, principal.organisation_id).get_guard(guard.evaluation_id)
            settings = await lock_settings(session, principal.organisation_id)
            settings.guard_id = guard.evaluation_id if guard else None
            settings.tolerance = guard.tolerance if guard else 0.0
            _record(session, principal, "guard", guard=settings.guard_id, tolerance=settings.tolerance)
        return await self.read(principal)

    async def _begin(
        self,
        session: AsyncSession,
        principal: Principal,
        settings: SearchSettings,
        weights: dict[str, float],
        *,
        force: bool,
    ) -> Run | None:
        """Write the change down; the run that evaluates it, if one must."""
        changes = ChangeRepository(session, principal.organisation_id)
        if await changes.find_guard(settings.guard_id) is None:
            settings.guard_id = None
        pending = await changes.find_pending()
        if pending is not None and not force:
            raise _pending()
        change = SearchSettingsChange(
            organisation_id=principal.organisation_id,
            user_id=principal.user_id,
            weights=weights,
            status=ChangeStatus.EVALUATING,
        )
        if settings.guard_id is None or force:
            if pending is not None:
                pending.status = ChangeStatus.SUPERSEDED
            change.status = ChangeStatus.FORCED if settings.guard_id else ChangeStatus.APPLIED
            settings.weights = weights
            session.add(change)
            _record(session, principal, "change", weights=weights, forced=change.status == ChangeStatus.FORCED)
            return None
        change.tolerance = settings.tolerance
        session.add(change)
        await session.flush()
        guard, asked = await changes.get_guard(settings.guard_id)
        version = await _published(session, principal, guard.repository_id)
        questions = {name: asked.input[name] for name in _QUESTIONS if name in asked.input}
        extra = {"signals": False, "proposed": weights, "change_id": change.id}
        evaluation, run = await begin_evaluation(session, principal, version, guard.name, {**questions, **extra})
        change.evaluation_id = evaluation.id
        _record(session, principal, "propose", weights=weights, change_id=change.id)
        return run


async def _published(session: AsyncSession, principal: Principal, repository_id: str) -> EvaluatedVersion:
    lookup = RepositoryLookup(session, principal.organisation_id)
    repository, snapshot_id = await lookup.get_indexed(repository_id)
    chunk_count = int(repository.facts.get("chunk_count", 0))
    return EvaluatedVersion(repository, repository.generation, repository.commit or "", snapshot_id, chunk_count)


async def _read(session: AsyncSession, organisation_id: str, known: list[SignalWeight]) -> SearchSettingsRead:
    settings = await session.get(SearchSettings, organisation_id)
    changes = ChangeRepository(session, organisation_id)
    guard = await changes.find_guard(settings.guard_id if settings else None)
    values = settings.weights if settings else {}
    return SearchSettingsRead(
        weights=[WeightRead(**one.model_dump(), value=values.get(one.signal.value, one.default)) for one in known],
        guard=GuardRead(
            evaluation_id=guard.id,
            repository_id=guard.repository_id,
            evaluation_name=guard.name,
            tolerance=settings.tolerance,
        )
        if settings and guard
        else None,
        changes=[_read_change(*row) for row in await changes.list_newest()],
    )


def _read_change(change: SearchSettingsChange, user_name: str | None, run_id: str | None) -> SettingsChange:
    columns = ("id", "status", "weights", "evaluation_id", "tolerance", "before", "after", "error", "created_at")
    facts: dict[str, Any] = {name: getattr(change, name) for name in columns}
    return SettingsChange.model_validate({**facts, "user_name": user_name, "run_id": run_id})


def _bounded(weights: dict[Signal, float], known: list[SignalWeight]) -> dict[str, float]:
    """The weights that are not as they come.

    Raises:
        InvalidInput: One is out of bounds.
    """
    bounds = {one.signal: one for one in known}
    for signal, value in weights.items():
        if signal not in bounds or not 0 <= value <= bounds[signal].maximum:
            most = bounds[signal].maximum if signal in bounds else 0
            message = f"'{signal.value}' can weigh between 0 and {most:g}."
            raise InvalidInput(message, code="weight_out_of_bounds", signal=signal.value)
    return {signal.value: value for signal, value in weights.items() if abs(value - bounds[signal].default) > _SAME}


def _differ(before: dict[str, Any], after: dict[str, float]) -> bool:
    return before.keys() != after.keys() or any(abs(before[name] - after[name]) > _SAME for name in after)


def _pending() -> Conflict:
    message = "Another change is being evaluated; wait for it, cancel its run, or force yours."
    return Conflict(message, code="settings_change_pending")


def _record(session: AsyncSession, principal: Principal, what: str, **detail: Any) -> None:
    record(
        session,
        f"search_settings.{what}",
        organisation_id=principal.organisation_id,
        user_id=principal.user_id,
        **detail,
    )

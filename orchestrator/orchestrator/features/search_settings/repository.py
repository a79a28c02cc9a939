"""Queries on changes of the search settings."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from codemuse.contracts.runs import RunStatus
from codemuse.contracts.search_settings import ChangeStatus
from codemuse.errors import Conflict, NotFound
from orchestrator.core.runs.workflow import EVALUATE
from orchestrator.db.models import Evaluation, Repository, Run, SearchSettingsChange, User

SHOWN_CHANGES = 20


class ChangeRepository:
    """Changes and guards of one organisation."""

    def __init__(self, session: AsyncSession, organisation_id: str) -> None:
        self._session = session
        self._organisation_id = organisation_id

    async def list_newest(self) -> Sequence[tuple[SearchSettingsChange, str | None, str | None]]:
        """The newest changes, each with who wanted it and the run of its evaluation."""
        query = (
            select(SearchSettingsChange, User.name, Evaluation.run_id)
            .outerjoin(User, User.id == SearchSettingsChange.user_id)
            .outerjoin(Evaluation, Evaluation.id == SearchSettingsChange.evaluation_id)
            .where(SearchSettingsChange.organisation_id == self._organisation_id)
            .order_by(SearchSettingsChange.created_at.desc(), SearchSettingsChange.id.desc())
            .limit(SHOWN_CHANGES)
        )
        return [(row[0], row[1], row[2]) for row in await self._session.execute(query)]

    async def find_pending(self) -> SearchSettingsChange | None:
        """The change that is being evaluated."""
        query = select(SearchSettingsChange).where(
            SearchSettingsChange.organisation_id == self._organisation_id,
            SearchSettingsChange.status == ChangeStatus.EVALUATING,
        )
        return (await self._session.scalars(query.with_for_update())).first()

    async def find_guard(self, evaluation_id: str | None) -> Evaluation | None:
        """The evaluation, if one is named and its repository is not deleted."""
        query = (
            select(Evaluation)
            .join(Repository, Repository.id == Evaluation.repository_id)
            .where(
                Evaluation.id == evaluation_id,
                Evaluation.organisation_id == self._organisation_id,
                Repository.deleted_at.is_(None),
            )
        )
        return (await self._session.scalars(query)).first()

    async def get_guard(self, evaluation_id: str) -> tuple[Evaluation, Run]:
        """An evaluation whose questions can be asked again, and its run, which knows them.

        Raises:
            NotFound: There is none with this id in the organisation.
            Conflict: It did not end well, or its questions are not known any more.
        """
        evaluation = await self.find_guard(evaluation_id)
        if evaluation is None:
            raise NotFound("There is no such evaluation.", code="evaluation_not_found")
        run = await self._session.get(Run, evaluation.run_id) if evaluation.run_id else None
        if evaluation.status != RunStatus.SUCCEEDED or run is None or run.kind != EVALUATE.name:
            message = "This evaluation cannot guard: it did not end well, or its questions are not known any more."
            raise Conflict(message, code="evaluation_cannot_guard")
        return evaluation, run

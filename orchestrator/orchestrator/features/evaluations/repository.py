"""Queries on evaluations."""

from collections.abc import Sequence

from sqlalchemy import select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from codemuse.errors import NotFound
from orchestrator.core.pages import Key
from orchestrator.db.models import Evaluation, Repository


class EvaluationRepository:
    """Evaluations of one organisation."""

    def __init__(self, session: AsyncSession, organisation_id: str) -> None:
        self._session = session
        self._organisation_id = organisation_id

    async def get(self, evaluation_id: str) -> Evaluation:
        """One evaluation.

        Raises:
            NotFound: There is none with this id in the organisation.
        """
        found = await self._session.scalar(
            select(Evaluation)
            .join(Repository, Repository.id == Evaluation.repository_id)
            .where(
                Evaluation.id == evaluation_id,
                Evaluation.organisation_id == self._organisation_id,
                Repository.deleted_at.is_(None),
            )
        )
        if found is None:
            raise NotFound("There is no such evaluation.", code="evaluation_not_found")
        return found

    async def list_page(self, repository_id: str | None, after: Key | None, limit: int) -> Sequence[Evaluation]:
        """One row more than a page, the newest first."""
        query = (
            select(Evaluation)
            .join(Repository, Repository.id == Evaluation.repository_id)
            .where(Evaluation.organisation_id == self._organisation_id, Repository.deleted_at.is_(None))
        )
        if repository_id is not None:
            query = query.where(Evaluation.repository_id == repository_id)
        if after is not None:
            query = query.where(tuple_(Evaluation.created_at, Evaluation.id) < after)
        ordered = query.order_by(Evaluation.created_at.desc(), Evaluation.id.desc())
        return (await self._session.scalars(ordered.limit(limit + 1))).all()

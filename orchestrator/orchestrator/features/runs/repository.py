"""Queries on runs as their organisation sees them."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from codemuse.errors import NotFound
from orchestrator.core.pages import Key
from orchestrator.core.principal import Principal
from orchestrator.core.runs.workflow import ASK, REINDEX
from orchestrator.db.models import Run, RunFile


@dataclass(frozen=True, slots=True)
class RunFilter:
    """Which runs are listed; ``None`` means any."""

    kind: str | None = None
    status: str | None = None
    repository_id: str | None = None


class RunRepository:
    """Index runs belong to the organisation, questions to the person who asked."""

    def __init__(self, session: AsyncSession, principal: Principal) -> None:
        self._session = session
        self._visible = and_(
            Run.organisation_id == principal.organisation_id,
            or_(Run.kind != ASK.name, Run.user_id == principal.user_id),
        )
        self._parts = Run.kind == REINDEX.name

    async def get(self, run_id: str) -> Run:
        """The run.

        Raises:
            NotFound: There is none that the caller may see.
        """
        run: Run | None = await self._session.scalar(select(Run).where(Run.id == run_id, self._visible))
        if run is None:
            raise NotFound("There is no such run.", code="run_not_found")
        return run

    async def list_page(self, chosen: RunFilter, after: Key | None, limit: int) -> Sequence[Run]:
        """The newest first; one row more than the limit when there is another page."""
        query = select(Run).where(self._visible)
        query = query.where(Run.kind == chosen.kind) if chosen.kind else query.where(~self._parts)
        if chosen.status:
            query = query.where(Run.status == chosen.status)
        if chosen.repository_id:
            query = query.where(Run.repository_id == chosen.repository_id)
        if after is not None:
            created_at, row_id = after
            query = query.where(or_(Run.created_at < created_at, and_(Run.created_at == created_at, Run.id < row_id)))
        return (
            await self._session.scalars(query.order_by(Run.created_at.desc(), Run.id.desc()).limit(limit + 1))
        ).all()

    async def list_files(self, run_id: str, state: str | None, after_path: str, limit: int) -> Sequence[RunFile]:
        """Rows of the ledger in path order; one more than the limit when there is another page."""
        query = select(RunFile).where(RunFile.run_id == run_id, RunFile.path > after_path)
        if state:
            query = query.where(RunFile.state == state)
        return (await self._session.scalars(query.order_by(RunFile.path).limit(limit + 1))).all()

"""Reads and writes the log of one organisation."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from llm_server.db.models import LoggedCallRow, PromptLogPolicy


class PromptLogRepository:
    """The log, and whether it is kept."""

    def __init__(self, session: AsyncSession, organisation_id: str) -> None:
        self._session = session
        self._organisation_id = organisation_id

    async def find_policy(self) -> PromptLogPolicy | None:
        """What was set, if anything was."""
        return await self._session.get(PromptLogPolicy, self._organisation_id)

    async def save_policy(self, *, enabled: bool, keep_days: int, changed_by: str) -> None:
        """Set it."""
        values = {"enabled": enabled, "keep_days": keep_days, "changed_by": changed_by}
        statement = insert(PromptLogPolicy).values(organisation_id=self._organisation_id, **values)
        changes = {**values, "changed_at": func.now()}
        await self._session.execute(statement.on_conflict_do_update(index_elements=["organisation_id"], set_=changes))

    async def list_calls(self, before: datetime | None, limit: int, run_id: str | None) -> Sequence[LoggedCallRow]:
        """Calls before a moment, newest first."""
        query = select(LoggedCallRow).where(LoggedCallRow.organisation_id == self._organisation_id)
        if before is not None:
            query = query.where(LoggedCallRow.created_at < before)
        if run_id is not None:
            query = query.where(LoggedCallRow.run_id == run_id)
        return (await self._session.scalars(query.order_by(LoggedCallRow.created_at.desc()).limit(limit))).all()

    async def clear(self) -> int:
        """Delete everything; how many entries there were."""
        mine = LoggedCallRow.organisation_id == self._organisation_id
        deleted = await self._session.scalars(delete(LoggedCallRow).where(mine).returning(LoggedCallRow.id))
        return len(deleted.all())

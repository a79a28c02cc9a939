"""Reads and writes prompt templates."""

from collections.abc import Sequence

from sqlalchemy import func, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from llm_server.db.models import PromptTemplate

_MAXIMUM = 1000


class PromptRepository:
    """Templates of one organisation."""

    def __init__(self, session: AsyncSession, organisation_id: str) -> None:
        self._session = session
        self._organisation_id = organisation_id

    async def list_versions(self, name: str | None = None) -> Sequence[PromptTemplate]:
        """All versions, or those of one template; by name, newest first."""
        query = select(PromptTemplate).where(PromptTemplate.organisation_id == self._organisation_id)
        if name is not None:
            query = query.where(PromptTemplate.name == name)
        ordered = query.order_by(PromptTemplate.name, PromptTemplate.version.desc()).limit(_MAXIMUM)
        return (await self._session.scalars(ordered)).all()

    async def next_version(self, name: str) -> int:
        """The number of the version after the newest one; others who ask wait until this transaction ends."""
        lock = {"name": f"llm prompt {self._organisation_id} {name}"}
        await self._session.execute(text("SELECT pg_advisory_xact_lock(hashtext(:name))"), lock)
        newest = select(func.max(PromptTemplate.version)).where(
            PromptTemplate.organisation_id == self._organisation_id, PromptTemplate.name == name
        )
        return (await self._session.scalar(newest) or 0) + 1

    async def retire(self, name: str) -> None:
        """Take no version of a template any more unless it is asked for by number."""
        mine = PromptTemplate.organisation_id == self._organisation_id
        await self._session.execute(update(PromptTemplate).where(mine, PromptTemplate.name == name).values(share=0.0))

    async def add(self, template: PromptTemplate) -> None:
        """Store a version."""
        self._session.add(template)
        await self._session.flush()
        await self._session.refresh(template)

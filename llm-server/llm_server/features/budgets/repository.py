"""Reads and writes budgets."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from llm_server.db.models import Budget


class BudgetRepository:
    """Budgets of one organisation."""

    def __init__(self, session: AsyncSession, organisation_id: str) -> None:
        self._session = session
        self._organisation_id = organisation_id

    async def list_all(self) -> Sequence[Budget]:
        """All of them."""
        query = select(Budget).where(Budget.organisation_id == self._organisation_id)
        return (await self._session.scalars(query.order_by(Budget.scope, Budget.subject_id))).all()

    async def save(self, scope: str, subject_id: str, limits: dict[str, Any]) -> None:
        """Set a budget."""
        where = {"organisation_id": self._organisation_id, "scope": scope, "subject_id": subject_id}
        statement = insert(Budget).values(**where, limits=limits)
        await self._session.execute(
            statement.on_conflict_do_update(
                index_elements=list(where), set_={"limits": limits, "updated_at": func.now()}
            )
        )

    async def delete(self, scope: str, subject_id: str) -> None:
        """Take a budget away."""
        mine = Budget.organisation_id == self._organisation_id
        await self._session.execute(delete(Budget).where(mine, Budget.scope == scope, Budget.subject_id == subject_id))

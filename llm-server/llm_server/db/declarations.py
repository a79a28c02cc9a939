"""Models, roles, budgets and prompt logs as they are stored, read together as one moment's declarations."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from llm_server.db.models import Budget, PromptLogPolicy, RegisteredModel, Revision, RoleChain

_THE_ROW = 1


@dataclass(frozen=True, slots=True)
class Declarations:
    """Everything that is declared."""

    revision: int
    models: Sequence[RegisteredModel]
    roles: Sequence[RoleChain]
    budgets: Sequence[Budget]
    prompt_logs: Sequence[PromptLogPolicy]


class DeclarationRepository:
    """Reads all declarations, and knows whether they have changed."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def get_revision(self) -> int:
        """Grows with every change."""
        return await self._session.scalar(select(Revision.number)) or 0

    async def bump_revision(self) -> None:
        """Have every process look again, once the transaction ends."""
        statement = insert(Revision).values(id=_THE_ROW, number=1)
        await self._session.execute(
            statement.on_conflict_do_update(index_elements=["id"], set_={"number": Revision.number + 1})
        )

    async def load(self) -> Declarations:
        """All of them; the revision is read first, so that a change in between is noticed later."""
        return Declarations(
            await self.get_revision(),
            (await self._session.scalars(select(RegisteredModel).order_by(RegisteredModel.name))).all(),
            (await self._session.scalars(select(RoleChain))).all(),
            (await self._session.scalars(select(Budget))).all(),
            (await self._session.scalars(select(PromptLogPolicy))).all(),
        )

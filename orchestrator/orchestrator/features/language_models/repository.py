"""Names of those whom usage is counted for."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from orchestrator.core.principal import Principal
from orchestrator.db.models import ApiKey, User


class SubjectRepository:
    """People and keys whose usage somebody may see: an administrator everybody's, others their own."""

    def __init__(self, session: AsyncSession, principal: Principal) -> None:
        self._session = session
        mine = User.organisation_id == principal.organisation_id
        self._visible = mine if principal.is_admin else mine & (User.id == principal.user_id)

    async def list_users(self) -> Sequence[User]:
        """People, by name, those who may not sign in any more among them."""
        return (await self._session.scalars(select(User).where(self._visible).order_by(User.name, User.email))).all()

    async def list_keys(self) -> Sequence[ApiKey]:
        """Their keys, by name, those that were taken back among them."""
        query = select(ApiKey).join(User, User.id == ApiKey.user_id).where(self._visible)
        return (await self._session.scalars(query.order_by(ApiKey.name, ApiKey.created_at))).all()

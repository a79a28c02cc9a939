"""Queries on the people of an organisation."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from orchestrator.db.models import Organisation, User


class UserRepository:
    """Users within one transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def list_users(self, organisation_id: str) -> Sequence[tuple[User, Organisation]]:
        """Everybody, by address."""
        query = select(User, Organisation).join(Organisation, Organisation.id == User.organisation_id)
        rows = await self._session.execute(query.where(User.organisation_id == organisation_id).order_by(User.email))
        return [(user, organisation) for user, organisation in rows]

    async def is_empty(self) -> bool:
        """Whether there is nobody yet."""
        return await self._session.scalar(select(User.id).limit(1)) is None

    async def add(self, user: User) -> User:
        """Store a new user."""
        self._session.add(user)
        await self._session.flush()
        return user

    async def get_organisation(self, organisation_id: str) -> Organisation:
        """An organisation that is known to exist."""
        return await self._session.get_one(Organisation, organisation_id)

"""Queries on API keys."""

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from codemuse.errors import NotFound
from orchestrator.db.models import ApiKey


class ApiKeyRepository:
    """Keys of one person."""

    def __init__(self, session: AsyncSession, user_id: str) -> None:
        self._session = session
        self._user_id = user_id

    async def add(self, key: ApiKey) -> ApiKey:
        """Store a key."""
        self._session.add(key)
        await self._session.flush()
        await self._session.refresh(key)
        return key

    async def list_live(self) -> Sequence[ApiKey]:
        """Keys that work, the newest first."""
        query = select(ApiKey).where(ApiKey.user_id == self._user_id, ApiKey.revoked_at.is_(None))
        return (await self._session.scalars(query.order_by(ApiKey.created_at.desc()))).all()

    async def revoke(self, key_id: str) -> None:
        """Make a key useless.

        Raises:
            NotFound: The person has no such key.
        """
        key = await self._session.scalar(
            select(ApiKey).where(ApiKey.id == key_id, ApiKey.user_id == self._user_id, ApiKey.revoked_at.is_(None))
        )
        if key is None:
            raise NotFound("There is no such API key.", code="api_key_not_found")
        key.revoked_at = func.clock_timestamp()

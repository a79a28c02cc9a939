"""Queries that turn a credential into a principal."""

from datetime import timedelta

from sqlalchemy import func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from codemuse.contracts.accounts import ApiKeyScope
from codemuse.errors import Unauthenticated
from orchestrator.core.credentials import fingerprint
from orchestrator.core.principal import Principal
from orchestrator.db.models import ApiKey, AuthSession, User

_NOW = func.clock_timestamp()
_USE_IS_NOTED_EVERY = timedelta(minutes=1)


class Identities:
    """Users by session or key."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def get_by_session(self, user_id: str, auth_session_id: str) -> Principal:
        """The person of a live session.

        Raises:
            Unauthenticated: The session is over, or the person may not sign in any more.
        """
        user = await self._session.scalar(
            select(User)
            .join(AuthSession, AuthSession.user_id == User.id)
            .where(
                AuthSession.id == auth_session_id,
                User.id == user_id,
                AuthSession.revoked_at.is_(None),
                AuthSession.expires_at > _NOW,
                User.disabled_at.is_(None),
            )
        )
        if user is None:
            raise Unauthenticated("The session is over; sign in again.")
        return Principal(user.id, user.organisation_id, user.role, auth_session_id=auth_session_id)

    async def get_by_api_key(self, key: str) -> Principal:
        """The person behind an API key.

        Raises:
            Unauthenticated: The key is unknown or was taken back.
        """
        unnoted = or_(ApiKey.last_used_at.is_(None), ApiKey.last_used_at < _NOW - _USE_IS_NOTED_EVERY)
        row = (
            await self._session.execute(
                select(ApiKey, User, unnoted)
                .join(User, User.id == ApiKey.user_id)
                .where(ApiKey.key_hash == fingerprint(key), ApiKey.revoked_at.is_(None), User.disabled_at.is_(None))
            )
        ).one_or_none()
        if row is None:
            raise Unauthenticated("The API key is not valid.")
        api_key, user, use_is_unnoted = row
        if use_is_unnoted:
            await self._session.execute(update(ApiKey).where(ApiKey.id == api_key.id).values(last_used_at=_NOW))
        scopes = frozenset(ApiKeyScope(scope) for scope in api_key.scopes)
        return Principal(user.id, user.organisation_id, user.role, api_key_id=api_key.id, scopes=scopes)

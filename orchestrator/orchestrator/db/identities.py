"""Queries that turn a credential into a principal."""

from datetime import timedelta

from sqlalchemy import bindparam, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from codemuse.contracts.accounts import ApiKeyScope
from codemuse.errors import Unauthenticated
from orchestrator.core.credentials import fingerprint
from orchestrator.core.principal import Principal
from orchestrator.db.models import ApiKey, AuthSession, User

_NOW = func.clock_timestamp()
_USE_IS_NOTED_EVERY = timedelta(minutes=1)

# Every request asks one of these: they are put together once.
_LIVE_SESSION = (
    select(User.id, User.organisation_id, User.role)
    .join(AuthSession, AuthSession.user_id == User.id)
    .where(
        AuthSession.id == bindparam("auth_session_id"),
        User.id == bindparam("user_id"),
        AuthSession.revoked_at.is_(None),
        AuthSession.expires_at > _NOW,
        User.disabled_at.is_(None),
    )
)
_USE_IS_UNNOTED = or_(ApiKey.last_used_at.is_(None), ApiKey.last_used_at < _NOW - _USE_IS_NOTED_EVERY)
_LIVE_API_KEY = (
    select(User.id, User.organisation_id, User.role, ApiKey.id, ApiKey.scopes, _USE_IS_UNNOTED)
    .join(User, User.id == ApiKey.user_id)
    .where(ApiKey.key_hash == bindparam("key_hash"), ApiKey.revoked_at.is_(None), User.disabled_at.is_(None))
)


class Identities:
    """Users by session or key."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def get_by_session(self, user_id: str, auth_session_id: str) -> Principal:
        """The person of a live session.

        Raises:
            Unauthenticated: The session is over, or the person may not sign in any more.
        """
        parameters = {"user_id": user_id, "auth_session_id": auth_session_id}
        row = (await self._session.execute(_LIVE_SESSION, parameters)).one_or_none()
        if row is None:
            raise Unauthenticated("The session is over; sign in again.")
        owner_id, organisation_id, role = row
        return Principal(owner_id, organisation_id, role, auth_session_id=auth_session_id)

    async def get_by_api_key(self, key: str) -> Principal:
        """The person behind an API key.

        Raises:
            Unauthenticated: The key is unknown or was taken back.
        """
        row = (await self._session.execute(_LIVE_API_KEY, {"key_hash": fingerprint(key)})).one_or_none()
        if row is None:
            raise Unauthenticated("The API key is not valid.")
        user_id, organisation_id, role, api_key_id, names, use_is_unnoted = row
        if use_is_unnoted:
            await self._session.execute(update(ApiKey).where(ApiKey.id == api_key_id).values(last_used_at=_NOW))
        scopes = frozenset(ApiKeyScope(name) for name in names)
        return Principal(user_id, organisation_id, role, api_key_id=api_key_id, scopes=scopes)

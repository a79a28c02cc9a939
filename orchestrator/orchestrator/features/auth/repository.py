"""Queries on users and their sessions."""

from datetime import timedelta

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from orchestrator.db.models import AuthSession, Organisation, User

_NOW = func.clock_timestamp()


class AuthRepository:
    """Users and sessions within one transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def find_user_by_email(self, email: str) -> User | None:
        """The user with this address, whatever its case."""
        found: User | None = await self._session.scalar(select(User).where(User.email == email.strip().lower()))
        return found

    async def get_user(self, user_id: str) -> tuple[User, Organisation]:
        """A user who is known to exist, and the organisation."""
        query = select(User, Organisation).join(Organisation, Organisation.id == User.organisation_id)
        return (await self._session.execute(query.where(User.id == user_id))).one()

    async def add_session(self, user_id: str, refresh_hash: str, lifetime: timedelta) -> AuthSession:
        """Begin a session."""
        session = AuthSession(user_id=user_id, refresh_hash=refresh_hash, expires_at=_NOW + lifetime)
        self._session.add(session)
        await self._session.flush()
        return session

    async def rotate(self, refresh_hash: str, new_hash: str, lifetime: timedelta) -> AuthSession | None:
        """Exchange a live refresh token for its successor; a token is good for one exchange."""
        return await self._session.scalar(
            update(AuthSession)
            .where(
                AuthSession.refresh_hash == refresh_hash,
                AuthSession.revoked_at.is_(None),
                AuthSession.expires_at > _NOW,
                AuthSession.user_id.in_(select(User.id).where(User.disabled_at.is_(None))),
            )
            .values(refresh_hash=new_hash, expires_at=_NOW + lifetime)
            .returning(AuthSession)
        )

    async def revoke(
        self, *, refresh_hash: str | None = None, user_id: str | None = None, but: str | None = None
    ) -> None:
        """End the session of a refresh token, or all sessions of a user (but one)."""
        query = update(AuthSession).where(AuthSession.revoked_at.is_(None)).values(revoked_at=_NOW)
        if refresh_hash is not None:
            query = query.where(AuthSession.refresh_hash == refresh_hash)
        if user_id is not None:
            query = query.where(AuthSession.user_id == user_id)
        if but is not None:
            query = query.where(AuthSession.id != but)
        await self._session.execute(query)

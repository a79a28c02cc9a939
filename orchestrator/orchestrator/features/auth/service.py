"""Signing in, staying signed in, signing out."""

from datetime import timedelta

from codemuse.contracts.accounts import LoginRequest, PasswordChange, TokenReply, UserRead
from codemuse.database import Sessions
from codemuse.errors import InvalidInput, Unauthenticated
from orchestrator.core.audit import record
from orchestrator.core.credentials import AccessClaims, AccessTokens, PasswordHasher, fingerprint, new_secret
from orchestrator.core.login_limit import LoginLimit
from orchestrator.core.principal import Principal
from orchestrator.core.recent_principals import RecentPrincipals
from orchestrator.features.auth.repository import AuthRepository


class AuthService:
    """Accounts and their sessions."""

    def __init__(
        self,
        sessions: Sessions,
        hasher: PasswordHasher,
        tokens: AccessTokens,
        principals: RecentPrincipals,
        limit: LoginLimit,
        refresh_lifetime: timedelta,
    ) -> None:
        self._sessions = sessions
        self._hasher = hasher
        self._tokens = tokens
        self._principals = principals
        self._limit = limit
        self._refresh_lifetime = refresh_lifetime

    async def login(self, request: LoginRequest) -> TokenReply:
        """Begin a session.

        Raises:
            Unauthenticated: Address or password is wrong; which of them is not said.
            TooManyRequests: Too many attempts.
        """
        account = request.email.strip().lower()
        await self._limit.check(fingerprint(account))
        async with self._sessions() as session:
            user = await AuthRepository(session).find_user_by_email(account)
        active = user if user is not None and user.disabled_at is None else None
        right = await self._hasher.verify(request.password, active.password_hash if active else None)
        async with self._sessions.begin() as session:
            if not right or active is None:
                record(session, "login", organisation_id=None, user_id=None, outcome="refused")
            else:
                refresh = new_secret()
                auth = await AuthRepository(session).add_session(
                    active.id, fingerprint(refresh), self._refresh_lifetime
                )
                record(session, "login", organisation_id=active.organisation_id, user_id=active.id)
                return self._reply(AccessClaims(active.id, auth.id), refresh)
        raise Unauthenticated("The e-mail address or the password is wrong.", code="wrong_credentials")

    async def refresh(self, refresh_token: str) -> TokenReply:
        """Exchange a refresh token for a fresh pair.

        Raises:
            Unauthenticated: The token was used before, is over or unknown.
        """
        successor = new_secret()
        async with self._sessions.begin() as session:
            auth = await AuthRepository(session).rotate(
                fingerprint(refresh_token), fingerprint(successor), self._refresh_lifetime
            )
        if auth is None:
            raise Unauthenticated("The session is over; sign in again.", code="session_over")
        return self._reply(AccessClaims(auth.user_id, auth.id), successor)

    async def logout(self, refresh_token: str) -> None:
        """End the session; ending one that is over is fine."""
        async with self._sessions.begin() as session:
            await AuthRepository(session).revoke(refresh_hash=fingerprint(refresh_token))
        self._principals.forget()

    async def get_me(self, principal: Principal) -> UserRead:
        """Who I am."""
        async with self._sessions() as session:
            user, organisation = await AuthRepository(session).get_user(principal.user_id)
        return UserRead(
            id=user.id,
            email=user.email,
            name=user.name,
            role=user.role,
            organisation_id=organisation.id,
            organisation_name=organisation.name,
        )

    async def change_password(self, principal: Principal, change: PasswordChange) -> None:
        """Set a new password and end all other sessions.

        Raises:
            InvalidInput: The current password is wrong.
        """
        principal.require_person()
        await self._limit.check(principal.user_id)
        async with self._sessions() as session:
            user, _ = await AuthRepository(session).get_user(principal.user_id)
        if not await self._hasher.verify(change.current_password, user.password_hash):
            raise InvalidInput("The current password is wrong.", code="wrong_password")
        hashed = await self._hasher.hash(change.new_password)
        async with self._sessions.begin() as session:
            repository = AuthRepository(session)
            user, _ = await repository.get_user(principal.user_id)
            user.password_hash = hashed
            await repository.revoke(user_id=user.id, but=principal.auth_session_id)
            record(session, "change_password", organisation_id=user.organisation_id, user_id=user.id)
        self._principals.forget()

    def _reply(self, claims: AccessClaims, refresh_token: str) -> TokenReply:
        return TokenReply(
            access_token=self._tokens.issue(claims),
            refresh_token=refresh_token,
            expires_in=self._tokens.lifetime_seconds,
        )

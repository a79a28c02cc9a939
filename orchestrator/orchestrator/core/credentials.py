"""Passwords, API keys, refresh tokens and access tokens."""

import asyncio
import hashlib
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import jwt
from pwdlib import PasswordHash
from pydantic import SecretStr

from codemuse.errors import Unauthenticated

API_KEY_PREFIX = "cm_"
_ALGORITHM = "HS256"
_ISSUER = "codemuse"
_AUDIENCE = "codemuse-api"
_ACCESS = "access"


class PasswordHasher:
    """Argon2 with the library's recommended cost, away from the event loop."""

    def __init__(self) -> None:
        self._argon2 = PasswordHash.recommended()
        self._nobody = self._argon2.hash(secrets.token_hex(16))

    async def hash(self, password: str) -> str:
        """What to store."""
        return await asyncio.to_thread(self._argon2.hash, password)

    async def verify(self, password: str, stored: str | None) -> bool:
        """Whether the password is right; an unknown account takes as long as a known one."""
        matches = await asyncio.to_thread(self._argon2.verify, password, stored or self._nobody)
        return matches and stored is not None


def new_secret() -> str:
    """A refresh token or a ticket: 256 random bits."""
    return secrets.token_urlsafe(32)


def new_api_key() -> tuple[str, str]:
    """A key and the prefix under which its owner recognises it."""
    key = API_KEY_PREFIX + secrets.token_urlsafe(32)
    return key, key[:11]


def fingerprint(secret: str) -> str:
    """What is stored of a random secret; it has too many bits to be guessed, so a plain hash suffices."""
    return hashlib.sha256(secret.encode("utf-8", "surrogateescape")).hexdigest()


@dataclass(frozen=True, slots=True)
class AccessClaims:
    """What an access token says."""

    user_id: str
    auth_session_id: str


class AccessTokens:
    """Signs and reads access tokens."""

    def __init__(self, secret: SecretStr, lifetime: timedelta) -> None:
        self._secret = secret.get_secret_value()
        self._lifetime = lifetime

    @property
    def lifetime_seconds(self) -> int:
        """How long a new token is good."""
        return int(self._lifetime.total_seconds())

    def issue(self, claims: AccessClaims) -> str:
        """A signed token."""
        now = datetime.now(UTC)
        payload = {
            "iss": _ISSUER,
            "aud": _AUDIENCE,
            "typ": _ACCESS,
            "sub": claims.user_id,
            "sid": claims.auth_session_id,
            "iat": now,
            "exp": now + self._lifetime,
        }
        return jwt.encode(payload, self._secret, algorithm=_ALGORITHM)

    def read(self, token: str) -> AccessClaims:
        """The claims of a token that is ours, meant for us and not over.

        Raises:
            Unauthenticated: Anything else.
        """
        try:
            payload = jwt.decode(
                token,
                self._secret,
                algorithms=[_ALGORITHM],
                audience=_AUDIENCE,
                issuer=_ISSUER,
                options={"require": ["exp", "iat", "sub", "sid", "aud", "iss"]},
            )
        except (jwt.PyJWTError, ValueError):
            raise Unauthenticated("The access token is not valid any more; sign in again.") from None
        if payload.get("typ") != _ACCESS:
            raise Unauthenticated("This is not an access token.")
        return AccessClaims(user_id=str(payload["sub"]), auth_session_id=str(payload["sid"]))

"""People, their sessions and their keys."""

from datetime import datetime
from enum import StrEnum
from typing import Literal

from pydantic import EmailStr, Field

from codemuse.contracts.common import (
    Name,
    Reply,
    Request,
)


class LoginRequest(Request):
    """Body of ``POST /api/v1/auth/login``."""

    email: str = Field(max_length=320)
    password: str = Field(max_length=1024)


class RefreshRequest(Request):
    """Body of ``POST /api/v1/auth/refresh`` and ``/logout``."""

    refresh_token: str = Field(max_length=512)


class TokenReply(Reply):
    """A fresh pair of tokens."""

    access_token: str
    refresh_token: str
    token_type: Literal["bearer"] = "bearer"  # noqa: S105 - OAuth's word
    expires_in: int
    """Seconds until the access token ends."""


class UserRead(Reply):
    """Reply of ``GET /api/v1/auth/me``."""

    id: str
    email: str
    name: str
    role: str
    organisation_id: str
    organisation_name: str


class UserCreate(Request):
    """Body of ``POST /api/v1/users``; administrators only."""

    email: EmailStr
    name: Name
    password: str = Field(min_length=10, max_length=1024)
    role: Literal["admin", "member"] = "member"


class UserList(Reply):
    """Reply of ``GET /api/v1/users``."""

    items: list[UserRead]


class PasswordChange(Request):
    """Body of ``PUT /api/v1/auth/password``; ends all other sessions."""

    current_password: str = Field(max_length=1024)
    new_password: str = Field(min_length=10, max_length=1024)


class ApiKeyScope(StrEnum):
    """What an API key may be used for."""

    INDEX = "index"
    SEARCH = "search"
    CHAT = "chat"


class ApiKeyCreate(Request):
    """Body of ``POST /api/v1/api-keys``."""

    name: Name
    scopes: list[ApiKeyScope] = Field(min_length=1)


class ApiKeyRead(Reply):
    """An API key as lists show it."""

    id: str
    name: str
    prefix: str
    scopes: list[ApiKeyScope]
    created_at: datetime
    last_used_at: datetime | None = None


class ApiKeyCreated(ApiKeyRead):
    """Reply of the creation: the only time the key itself is shown."""

    key: str


class ApiKeyList(Reply):
    """Reply of ``GET /api/v1/api-keys``."""

    items: list[ApiKeyRead]

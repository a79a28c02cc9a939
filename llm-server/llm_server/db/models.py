"""The tables."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Float, Identity, Index, LargeBinary, MetaData, Text, UniqueConstraint, func
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TIMESTAMP
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

SCHEMA = "llm"


class Base(DeclarativeBase):
    """Base of all tables of this service."""

    metadata = MetaData(schema=SCHEMA)
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy reads a plain class attribute
        list[dict[str, Any]]: JSONB,
        str: Text,
        datetime: TIMESTAMP(timezone=True),
        bytes: LargeBinary,
        list[str]: ARRAY(Text),
        dict[str, Any]: JSONB,
        float: Float(),
    }


class RegisteredModel(Base):
    """A model that an administrator declared."""

    __tablename__ = "models"

    organisation_id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    declaration: Mapped[dict[str, Any]]
    """The fields of ``ModelWrite`` without the key."""
    encrypted_key: Mapped[bytes | None]
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now())


class RoleChain(Base):
    """Which models play a role, the preferred one first."""

    __tablename__ = "role_chains"

    organisation_id: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[str] = mapped_column(primary_key=True)
    """Empty together with ``session_id``: for the whole organisation."""
    session_id: Mapped[str] = mapped_column(primary_key=True)
    role: Mapped[str] = mapped_column(primary_key=True)
    models: Mapped[list[str]]
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now())


class Revision(Base):
    """One row that moves whenever models, roles or budgets change, so that every process notices."""

    __tablename__ = "revision"

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(BigInteger)


class UsageRow(Base):
    """One upstream call, or one answer from the cache."""

    __tablename__ = "usage"

    call_id: Mapped[str] = mapped_column(primary_key=True)
    attempt: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    organisation_id: Mapped[str]
    user_id: Mapped[str]
    key_id: Mapped[str]
    run_id: Mapped[str]
    asked_for: Mapped[str]
    """The name that the caller used: a model or a role."""
    model: Mapped[str]
    is_last: Mapped[bool]
    """The attempt that the caller's answer ended with: rows with it count requests."""
    outcome: Mapped[str]
    prompt_tokens: Mapped[int] = mapped_column(BigInteger)
    completion_tokens: Mapped[int] = mapped_column(BigInteger)
    cached_tokens: Mapped[int] = mapped_column(BigInteger)
    is_estimated: Mapped[bool]
    cost: Mapped[int] = mapped_column(BigInteger)
    """Millionths of the currency of the prices."""
    seconds: Mapped[float]
    first_token_seconds: Mapped[float | None]
    cache: Mapped[str]
    is_fallback: Mapped[bool]
    is_switch: Mapped[bool]

    __table_args__ = (
        Index("usage_organisation_at", "organisation_id", "at"),
        Index("usage_user_at", "organisation_id", "user_id", "at"),
        Index("usage_key_at", "organisation_id", "key_id", "at"),
    )


class SetAsideRow(Base):
    """A part of the accounts that Redis or Postgres did not take, for a person to look at."""

    __tablename__ = "set_aside"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    at: Mapped[datetime] = mapped_column(server_default=func.now())
    kind: Mapped[str]
    reason: Mapped[str]
    content: Mapped[bytes]


class Budget(Base):
    """What an organisation, or somebody in it, may spend and how fast they may ask. ``None`` is without limit."""

    __tablename__ = "budgets"

    organisation_id: Mapped[str] = mapped_column(primary_key=True)
    scope: Mapped[str] = mapped_column(primary_key=True)
    """``organisation``, ``user`` or ``key``."""
    subject_id: Mapped[str] = mapped_column(primary_key=True)
    """Who; empty: each that has no budget of their own."""
    limits: Mapped[dict[str, Any]]
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now())


class PromptLogPolicy(Base):
    """Whether an organisation has its prompts and answers written down; without a row it has not."""

    __tablename__ = "prompt_log_policies"

    organisation_id: Mapped[str] = mapped_column(primary_key=True)
    enabled: Mapped[bool]
    keep_days: Mapped[int]
    changed_by: Mapped[str]
    changed_at: Mapped[datetime] = mapped_column(server_default=func.now())


class LoggedCallRow(Base):
    """What was asked and answered, without what looks like a credential."""

    __tablename__ = "prompt_log"

    id: Mapped[str] = mapped_column(primary_key=True)
    created_at: Mapped[datetime]
    organisation_id: Mapped[str]
    user_id: Mapped[str]
    key_id: Mapped[str]
    run_id: Mapped[str]
    asked_for: Mapped[str]
    model: Mapped[str]
    outcome: Mapped[str]
    messages: Mapped[list[dict[str, Any]]]
    answer: Mapped[str]

    __table_args__ = (Index("prompt_log_created", "organisation_id", "created_at"),)


class PromptTemplate(Base):
    """A version of a prompt; versions never change."""

    __tablename__ = "prompt_templates"

    id: Mapped[str] = mapped_column(primary_key=True)
    organisation_id: Mapped[str]
    name: Mapped[str]
    version: Mapped[int]
    description: Mapped[str]
    system: Mapped[str]
    user: Mapped[str]
    variables: Mapped[list[str]]
    share: Mapped[float]
    """How often this version is taken when none is named, in relation to the other versions."""
    created_by: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())

    __table_args__ = (UniqueConstraint("organisation_id", "name", "version"),)

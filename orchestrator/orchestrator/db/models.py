"""Tables of the ``gateway`` schema (DESIGN section 2)."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, DateTime, ForeignKey, Index, Integer, MetaData, Text, UniqueConstraint, func, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

SCHEMA = "gateway"


def new_id() -> str:
    """An id that says nothing: 32 hexadecimal digits."""
    return uuid.uuid4().hex


class Base(DeclarativeBase):
    """Base of all tables."""

    metadata = MetaData(schema=SCHEMA)
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy's own idiom
        dict[str, Any]: JSONB,
        list[dict[str, Any]]: JSONB,
        list[str]: ARRAY(Text),
        datetime: DateTime(timezone=True),
        str: Text,
    }


class Identified:
    """Rows with an id of their own and a time of birth."""

    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    created_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())


class Organisation(Identified, Base):
    """A team; owner of everything else."""

    __tablename__ = "organisations"

    name: Mapped[str]


class User(Identified, Base):
    """A person."""

    __tablename__ = "users"

    organisation_id: Mapped[str] = mapped_column(ForeignKey(Organisation.id, ondelete="CASCADE"))
    email: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    role: Mapped[str]
    password_hash: Mapped[str]
    disabled_at: Mapped[datetime | None]


class AuthSession(Identified, Base):
    """A signed-in browser: holds the hash of its current refresh token."""

    __tablename__ = "auth_sessions"

    user_id: Mapped[str] = mapped_column(ForeignKey(User.id, ondelete="CASCADE"), index=True)
    refresh_hash: Mapped[str] = mapped_column(unique=True)
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class ApiKey(Identified, Base):
    """A key of a CI job or a script; only its hash is kept."""

    __tablename__ = "api_keys"

    user_id: Mapped[str] = mapped_column(ForeignKey(User.id, ondelete="CASCADE"), index=True)
    name: Mapped[str]
    prefix: Mapped[str]
    key_hash: Mapped[str] = mapped_column(unique=True)
    scopes: Mapped[list[str]]
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class Repository(Identified, Base):
    """A repository and the pointer to its published generation."""

    __tablename__ = "repositories"
    __table_args__ = (
        Index("repositories_name", "organisation_id", "name", unique=True, postgresql_where=text("deleted_at IS NULL")),
        Index("repositories_url", "organisation_id", "url", "ref", unique=True, postgresql_where=text("deleted_at IS NULL AND url IS NOT NULL"), postgresql_nulls_not_distinct=True),
    )  # fmt: skip

    organisation_id: Mapped[str] = mapped_column(ForeignKey(Organisation.id, ondelete="CASCADE"))
    name: Mapped[str]
    url: Mapped[str | None]
    ref: Mapped[str | None]
    generation: Mapped[int] = mapped_column(Integer, default=0)
    commit: Mapped[str | None]
    snapshot_id: Mapped[str | None]
    facts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """Ref, counts and languages of the published generation, as the list shows them."""
    refined: Mapped[bool] = mapped_column(default=False)
    indexed_at: Mapped[datetime | None]
    last_error: Mapped[dict[str, Any] | None]
    deleted_at: Mapped[datetime | None]


class RepositoryFile(Base):
    """One file of the published generation: what the next run compares with."""

    __tablename__ = "repository_files"

    repository_id: Mapped[str] = mapped_column(ForeignKey(Repository.id, ondelete="CASCADE"), primary_key=True)
    path: Mapped[str] = mapped_column(primary_key=True)
    blob: Mapped[str]
    language: Mapped[str | None]
    state: Mapped[str]
    reason: Mapped[str | None]
    message: Mapped[str | None]
    chunk_count: Mapped[int] = mapped_column(Integer, default=0)


class RepositoryVersion(Base):
    """A generation that can still be searched."""

    __tablename__ = "repository_versions"

    repository_id: Mapped[str] = mapped_column(ForeignKey(Repository.id, ondelete="CASCADE"), primary_key=True)
    generation: Mapped[int] = mapped_column(primary_key=True)
    commit: Mapped[str]
    ref: Mapped[str | None]
    label: Mapped[str | None]
    """What people call it."""
    kept: Mapped[bool] = mapped_column(default=False)
    """Whether it outlives the generations after it."""
    chunk_count: Mapped[int] = mapped_column(Integer, default=0)
    published_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())


class Run(Identified, Base):
    """A piece of work that survives anything dying. Whoever holds the lease may write."""

    __tablename__ = "runs"
    __table_args__ = (
        UniqueConstraint("organisation_id", "idempotency_key"),
        Index("runs_active", "status", postgresql_where=text("finished_at IS NULL")),
        Index("runs_listing", "organisation_id", "created_at"),
    )

    organisation_id: Mapped[str] = mapped_column(ForeignKey(Organisation.id, ondelete="CASCADE"))
    user_id: Mapped[str | None] = mapped_column(ForeignKey(User.id, ondelete="SET NULL"))
    kind: Mapped[str]
    title: Mapped[str] = mapped_column(default="")
    status: Mapped[str]
    input: Mapped[dict[str, Any]]
    repository_id: Mapped[str | None] = mapped_column(ForeignKey(Repository.id, ondelete="CASCADE"), index=True)
    session_id: Mapped[str | None] = mapped_column(
        ForeignKey("gateway.chat_sessions.id", ondelete="CASCADE"), index=True
    )
    idempotency_key: Mapped[str | None]
    request_hash: Mapped[str | None]
    request_id: Mapped[str] = mapped_column(default="")

    lease_owner: Mapped[str | None]
    lease_until: Mapped[datetime | None]
    woken_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
    deadline_at: Mapped[datetime]
    cancel_requested_at: Mapped[datetime | None]
    ending: Mapped[dict[str, Any] | None]
    """How the run is about to end while it still cleans up behind itself: ``status`` and ``error``."""
    last_seq: Mapped[int] = mapped_column(BigInteger, default=0)
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    error: Mapped[dict[str, Any] | None]


class RunStep(Base):
    """One step of a run, with the checkpoint it goes on from and the result that later steps read."""

    __tablename__ = "run_steps"

    run_id: Mapped[str] = mapped_column(ForeignKey(Run.id, ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    status: Mapped[str]
    attempt: Mapped[int] = mapped_column(Integer, default=0)
    checkpoint: Mapped[dict[str, Any]] = mapped_column(default=dict)
    detail: Mapped[dict[str, Any]] = mapped_column(default=dict)
    result: Mapped[dict[str, Any]] = mapped_column(default=dict)
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]


class Evaluation(Identified, Base):
    """How well search answered questions about a repository, once."""

    __tablename__ = "evaluations"
    __table_args__ = (Index("evaluations_listing", "repository_id", "created_at"),)

    organisation_id: Mapped[str] = mapped_column(ForeignKey(Organisation.id, ondelete="CASCADE"))
    repository_id: Mapped[str] = mapped_column(ForeignKey(Repository.id, ondelete="CASCADE"))
    run_id: Mapped[str | None] = mapped_column(ForeignKey(Run.id, ondelete="SET NULL"), index=True)
    name: Mapped[str]
    status: Mapped[str]
    generation: Mapped[int] = mapped_column(Integer)
    commit: Mapped[str]
    result: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """Figures, as the API shows them."""
    answers: Mapped[list[dict[str, Any]]] = mapped_column(default=list)
    error: Mapped[dict[str, Any] | None]


class SearchSettings(Base):
    """How an organisation weighs the signals of search."""

    __tablename__ = "search_settings"

    organisation_id: Mapped[str] = mapped_column(ForeignKey(Organisation.id, ondelete="CASCADE"), primary_key=True)
    weights: Mapped[dict[str, Any]] = mapped_column(default=dict)
    guard_id: Mapped[str | None] = mapped_column(ForeignKey(Evaluation.id, ondelete="SET NULL"))
    """The evaluation whose questions a change must still answer as well."""
    tolerance: Mapped[float] = mapped_column(default=0.0)


class SearchSettingsChange(Identified, Base):
    """A change of the weights that somebody asked for, and what became of it."""

    __tablename__ = "search_settings_changes"
    __table_args__ = (
        Index("search_settings_changes_listing", "organisation_id", "created_at"),
        Index("search_settings_changes_pending", "organisation_id", unique=True, postgresql_where=text("status = 'evaluating'")),
    )  # fmt: skip

    organisation_id: Mapped[str] = mapped_column(ForeignKey(Organisation.id, ondelete="CASCADE"))
    user_id: Mapped[str | None] = mapped_column(ForeignKey(User.id, ondelete="SET NULL"))
    evaluation_id: Mapped[str | None] = mapped_column(ForeignKey(Evaluation.id, ondelete="SET NULL"))
    weights: Mapped[dict[str, Any]]
    status: Mapped[str]
    tolerance: Mapped[float | None]
    before: Mapped[dict[str, Any] | None]
    after: Mapped[dict[str, Any] | None]
    error: Mapped[dict[str, Any] | None]


class RunFile(Base):
    """The ledger: one file of an index run."""

    __tablename__ = "run_files"
    __table_args__ = (Index("run_files_state", "run_id", "state", "written", "path"),)

    run_id: Mapped[str] = mapped_column(ForeignKey(Run.id, ondelete="CASCADE"), primary_key=True)
    path: Mapped[str] = mapped_column(primary_key=True)
    blob: Mapped[str]
    language: Mapped[str | None]
    state: Mapped[str]
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    reason: Mapped[str | None]
    message: Mapped[str | None]
    chunk_count: Mapped[int] = mapped_column(Integer, default=0)
    indexed_before: Mapped[bool] = mapped_column(default=False)
    """Whether the published generation has chunks of this path, which must be closed if there are none now."""
    written: Mapped[bool] = mapped_column(default=False)
    """Whether rag-server knows the new state of this path."""


class RunEventRow(Base):
    """One event of a run's stream."""

    __tablename__ = "run_events"

    run_id: Mapped[str] = mapped_column(ForeignKey(Run.id, ondelete="CASCADE"), primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    type: Mapped[str]
    data: Mapped[dict[str, Any]]


class Outbox(Base):
    """A wake-up call to be sent, written in the transaction that made it necessary."""

    __tablename__ = "outbox"

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=True)
    run_id: Mapped[str] = mapped_column(ForeignKey(Run.id, ondelete="CASCADE"), index=True)
    kind: Mapped[str]
    due_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp(), index=True)


class ChatSession(Identified, Base):
    """A conversation of one person."""

    __tablename__ = "chat_sessions"

    organisation_id: Mapped[str] = mapped_column(ForeignKey(Organisation.id, ondelete="CASCADE"))
    user_id: Mapped[str] = mapped_column(ForeignKey(User.id, ondelete="CASCADE"), index=True)
    title: Mapped[str]
    repository_ids: Mapped[list[str]] = mapped_column(default=list)
    updated_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())


class Message(Identified, Base):
    """A question or an answer."""

    __tablename__ = "messages"
    __table_args__ = (Index("messages_session", "session_id", "position", unique=True),)

    session_id: Mapped[str] = mapped_column(ForeignKey(ChatSession.id, ondelete="CASCADE"))
    position: Mapped[int] = mapped_column(Integer)
    role: Mapped[str]
    status: Mapped[str]
    content: Mapped[str]
    citations: Mapped[list[dict[str, Any]]] = mapped_column(default=list)
    verification: Mapped[dict[str, Any] | None]
    model: Mapped[str | None]
    usage: Mapped[dict[str, Any] | None]
    run_id: Mapped[str | None] = mapped_column(ForeignKey(Run.id, ondelete="SET NULL"), index=True)
    error: Mapped[dict[str, Any] | None]


class AuditEvent(Identified, Base):
    """Who did what, and what was refused."""

    __tablename__ = "audit_events"

    organisation_id: Mapped[str | None]
    user_id: Mapped[str | None]
    action: Mapped[str]
    outcome: Mapped[str]
    request_id: Mapped[str] = mapped_column(default="")
    detail: Mapped[dict[str, Any]] = mapped_column(default=dict)

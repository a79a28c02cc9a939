"""Create the gateway schema."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:

    op.create_table(
        "audit_events",
        sa.Column("organisation_id", sa.Text(), nullable=True),
        sa.Column("user_id", sa.Text(), nullable=True),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("request_id", sa.Text(), nullable=False),
        sa.Column("detail", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.PrimaryKeyConstraint("id"),
        schema="gateway",
    )
    op.create_table(
        "organisations",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.PrimaryKeyConstraint("id"),
        schema="gateway",
    )
    op.create_table(
        "repositories",
        sa.Column("organisation_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("ref", sa.Text(), nullable=True),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("commit", sa.Text(), nullable=True),
        sa.Column("snapshot_id", sa.Text(), nullable=True),
        sa.Column("facts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("refined", sa.Boolean(), nullable=False),
        sa.Column("indexed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_error", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.ForeignKeyConstraint(["organisation_id"], ["gateway.organisations.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        schema="gateway",
    )
    op.create_index(
        "repositories_name",
        "repositories",
        ["organisation_id", "name"],
        unique=True,
        schema="gateway",
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_index(
        "repositories_url",
        "repositories",
        ["organisation_id", "url", "ref"],
        unique=True,
        schema="gateway",
        postgresql_where=sa.text("deleted_at IS NULL AND url IS NOT NULL"),
        postgresql_nulls_not_distinct=True,
    )
    op.create_table(
        "users",
        sa.Column("organisation_id", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.ForeignKeyConstraint(["organisation_id"], ["gateway.organisations.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("email"),
        schema="gateway",
    )
    op.create_table(
        "api_keys",
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("prefix", sa.Text(), nullable=False),
        sa.Column("key_hash", sa.Text(), nullable=False),
        sa.Column("scopes", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.ForeignKeyConstraint(["user_id"], ["gateway.users.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("key_hash"),
        schema="gateway",
    )
    op.create_index(op.f("ix_gateway_api_keys_user_id"), "api_keys", ["user_id"], unique=False, schema="gateway")
    op.create_table(
        "auth_sessions",
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("refresh_hash", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.ForeignKeyConstraint(["user_id"], ["gateway.users.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("refresh_hash"),
        schema="gateway",
    )
    op.create_index(
        op.f("ix_gateway_auth_sessions_user_id"), "auth_sessions", ["user_id"], unique=False, schema="gateway"
    )
    op.create_table(
        "chat_sessions",
        sa.Column("organisation_id", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("repository_ids", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column(
            "updated_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.ForeignKeyConstraint(["organisation_id"], ["gateway.organisations.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["user_id"], ["gateway.users.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        schema="gateway",
    )
    op.create_index(
        op.f("ix_gateway_chat_sessions_user_id"), "chat_sessions", ["user_id"], unique=False, schema="gateway"
    )
    op.create_table(
        "repository_files",
        sa.Column("repository_id", sa.Text(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("blob", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("message", sa.Text(), nullable=True),
        sa.Column("chunk_count", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["repository_id"], ["gateway.repositories.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("repository_id", "path"),
        schema="gateway",
    )
    op.create_table(
        "runs",
        sa.Column("organisation_id", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("input", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("repository_id", sa.Text(), nullable=True),
        sa.Column("session_id", sa.Text(), nullable=True),
        sa.Column("idempotency_key", sa.Text(), nullable=True),
        sa.Column("request_hash", sa.Text(), nullable=True),
        sa.Column("request_id", sa.Text(), nullable=False),
        sa.Column("lease_owner", sa.Text(), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("woken_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("deadline_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cancel_requested_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ending", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("last_seq", sa.BigInteger(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.ForeignKeyConstraint(["organisation_id"], ["gateway.organisations.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["repository_id"], ["gateway.repositories.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["session_id"], ["gateway.chat_sessions.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["user_id"], ["gateway.users.id"], ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("organisation_id", "idempotency_key"),
        schema="gateway",
    )
    op.create_index(op.f("ix_gateway_runs_repository_id"), "runs", ["repository_id"], unique=False, schema="gateway")
    op.create_index(op.f("ix_gateway_runs_session_id"), "runs", ["session_id"], unique=False, schema="gateway")
    op.create_index(
        "runs_active",
        "runs",
        ["status"],
        unique=False,
        schema="gateway",
        postgresql_where=sa.text("finished_at IS NULL"),
    )
    op.create_index("runs_listing", "runs", ["organisation_id", "created_at"], unique=False, schema="gateway")
    op.create_table(
        "messages",
        sa.Column("session_id", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("citations", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("verification", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("model", sa.Text(), nullable=True),
        sa.Column("usage", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("run_id", sa.Text(), nullable=True),
        sa.Column("error", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.ForeignKeyConstraint(["run_id"], ["gateway.runs.id"], ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["session_id"], ["gateway.chat_sessions.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        schema="gateway",
    )
    op.create_index(op.f("ix_gateway_messages_run_id"), "messages", ["run_id"], unique=False, schema="gateway")
    op.create_index("messages_session", "messages", ["session_id", "position"], unique=True, schema="gateway")
    op.create_table(
        "outbox",
        sa.Column("id", sa.BigInteger(), autoincrement=True, nullable=False),
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["gateway.runs.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        schema="gateway",
    )
    op.create_index(op.f("ix_gateway_outbox_due_at"), "outbox", ["due_at"], unique=False, schema="gateway")
    op.create_index(op.f("ix_gateway_outbox_run_id"), "outbox", ["run_id"], unique=False, schema="gateway")
    op.create_table(
        "run_events",
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("data", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["gateway.runs.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("run_id", "seq"),
        schema="gateway",
    )
    op.create_table(
        "run_files",
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("blob", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("message", sa.Text(), nullable=True),
        sa.Column("chunk_count", sa.Integer(), nullable=False),
        sa.Column("indexed_before", sa.Boolean(), nullable=False),
        sa.Column("written", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["gateway.runs.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("run_id", "path"),
        schema="gateway",
    )
    op.create_index(
        "run_files_state", "run_files", ["run_id", "state", "written", "path"], unique=False, schema="gateway"
    )
    op.create_table(
        "run_steps",
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("checkpoint", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("detail", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("result", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["run_id"], ["gateway.runs.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("run_id", "position"),
        schema="gateway",
    )


def downgrade() -> None:

    op.drop_table("run_steps", schema="gateway")
    op.drop_index("run_files_state", table_name="run_files", schema="gateway")
    op.drop_table("run_files", schema="gateway")
    op.drop_table("run_events", schema="gateway")
    op.drop_index(op.f("ix_gateway_outbox_run_id"), table_name="outbox", schema="gateway")
    op.drop_index(op.f("ix_gateway_outbox_due_at"), table_name="outbox", schema="gateway")
    op.drop_table("outbox", schema="gateway")
    op.drop_index("messages_session", table_name="messages", schema="gateway")
    op.drop_index(op.f("ix_gateway_messages_run_id"), table_name="messages", schema="gateway")
    op.drop_table("messages", schema="gateway")
    op.drop_index("runs_listing", table_name="runs", schema="gateway")
    op.drop_index("runs_active", table_name="runs", schema="gateway", postgresql_where=sa.text("finished_at IS NULL"))
    op.drop_index(op.f("ix_gateway_runs_session_id"), table_name="runs", schema="gateway")
    op.drop_index(op.f("ix_gateway_runs_repository_id"), table_name="runs", schema="gateway")
    op.drop_table("runs", schema="gateway")
    op.drop_table("repository_files", schema="gateway")
    op.drop_index(op.f("ix_gateway_chat_sessions_user_id"), table_name="chat_sessions", schema="gateway")
    op.drop_table("chat_sessions", schema="gateway")
    op.drop_index(op.f("ix_gateway_auth_sessions_user_id"), table_name="auth_sessions", schema="gateway")
    op.drop_table("auth_sessions", schema="gateway")
    op.drop_index(op.f("ix_gateway_api_keys_user_id"), table_name="api_keys", schema="gateway")
    op.drop_table("api_keys", schema="gateway")
    op.drop_table("users", schema="gateway")
    op.drop_index(
        "repositories_url",
        table_name="repositories",
        schema="gateway",
        postgresql_where=sa.text("deleted_at IS NULL AND url IS NOT NULL"),
        postgresql_nulls_not_distinct=True,
    )
    op.drop_index(
        "repositories_name", table_name="repositories", schema="gateway", postgresql_where=sa.text("deleted_at IS NULL")
    )
    op.drop_table("repositories", schema="gateway")
    op.drop_table("organisations", schema="gateway")
    op.drop_table("audit_events", schema="gateway")

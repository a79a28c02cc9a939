"""Prompts and answers of organisations that want them written down."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    moment = postgresql.TIMESTAMP(timezone=True)
    op.create_table(
        "prompt_log_policies",
        sa.Column("organisation_id", sa.Text(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("keep_days", sa.Integer(), nullable=False),
        sa.Column("changed_by", sa.Text(), nullable=False),
        sa.Column("changed_at", moment, server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("organisation_id"),
        schema="llm",
    )
    texts = ("organisation_id", "user_id", "key_id", "run_id", "asked_for", "model", "outcome")
    op.create_table(
        "prompt_log",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("created_at", moment, nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in texts),
        sa.Column("messages", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        schema="llm",
    )
    op.create_index("prompt_log_created", "prompt_log", ["organisation_id", "created_at"], schema="llm")


def downgrade() -> None:
    op.drop_table("prompt_log", schema="llm")
    op.drop_table("prompt_log_policies", schema="llm")

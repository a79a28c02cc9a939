"""Keep weights of search, their guard, and who changed them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    json = postgresql.JSONB(astext_type=sa.Text())
    now = sa.text("clock_timestamp()")
    op.create_table(
        "search_settings",
        sa.Column("organisation_id", sa.Text(), nullable=False),
        sa.Column("weights", json, nullable=False),
        sa.Column("guard_id", sa.Text(), nullable=True),
        sa.Column("tolerance", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(["organisation_id"], ["gateway.organisations.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["guard_id"], ["gateway.evaluations.id"], ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("organisation_id"),
        schema="gateway",
    )
    op.create_table(
        "search_settings_changes",
        sa.Column("organisation_id", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=True),
        sa.Column("evaluation_id", sa.Text(), nullable=True),
        sa.Column("weights", json, nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("tolerance", sa.Float(), nullable=True),
        sa.Column("before", json, nullable=True),
        sa.Column("after", json, nullable=True),
        sa.Column("error", json, nullable=True),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=now, nullable=False),
        sa.ForeignKeyConstraint(["organisation_id"], ["gateway.organisations.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["user_id"], ["gateway.users.id"], ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["evaluation_id"], ["gateway.evaluations.id"], ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id"),
        schema="gateway",
    )
    op.create_index(
        "search_settings_changes_listing",
        "search_settings_changes",
        ["organisation_id", "created_at"],
        schema="gateway",
    )
    op.create_index(
        "search_settings_changes_pending",
        "search_settings_changes",
        ["organisation_id"],
        unique=True,
        postgresql_where=sa.text("status = 'evaluating'"),
        schema="gateway",
    )


def downgrade() -> None:
    op.drop_table("search_settings_changes", schema="gateway")
    op.drop_table("search_settings", schema="gateway")

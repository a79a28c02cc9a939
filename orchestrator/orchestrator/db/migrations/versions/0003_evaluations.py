"""Keep evaluations of search."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    json = postgresql.JSONB(astext_type=sa.Text())
    op.create_table(
        "evaluations",
        sa.Column("organisation_id", sa.Text(), nullable=False),
        sa.Column("repository_id", sa.Text(), nullable=False),
        sa.Column("run_id", sa.Text(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("commit", sa.Text(), nullable=False),
        sa.Column("result", json, nullable=False),
        sa.Column("answers", json, nullable=False),
        sa.Column("error", json, nullable=True),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.ForeignKeyConstraint(["organisation_id"], ["gateway.organisations.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["repository_id"], ["gateway.repositories.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["run_id"], ["gateway.runs.id"], ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id"),
        schema="gateway",
    )
    op.create_index("evaluations_listing", "evaluations", ["repository_id", "created_at"], schema="gateway")
    op.create_index("ix_gateway_evaluations_run_id", "evaluations", ["run_id"], schema="gateway")


def downgrade() -> None:
    op.drop_table("evaluations", schema="gateway")

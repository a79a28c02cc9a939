"""Summaries that a language model wrote, by what they were written from."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    moment = postgresql.TIMESTAMP(timezone=True)
    op.create_table(
        "summaries",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("repository_id", sa.Text(), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("sentences", sa.LargeBinary(), nullable=False),
        sa.Column("token_count", sa.Integer(), nullable=False),
        sa.Column("written_at", moment, server_default=sa.text("now()"), nullable=False),
        sa.Column("used_at", moment, server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("key"),
        schema="docgen",
    )
    op.create_index("summaries_repository", "summaries", ["repository_id", "written_at"], schema="docgen")


def downgrade() -> None:
    op.drop_table("summaries", schema="docgen")

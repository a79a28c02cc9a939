"""Remember the generations of a repository that can be searched."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "repository_versions",
        sa.Column("repository_id", sa.Text(), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("commit", sa.Text(), nullable=False),
        sa.Column("ref", sa.Text(), nullable=True),
        sa.Column("label", sa.Text(), nullable=True),
        sa.Column("kept", sa.Boolean(), nullable=False),
        sa.Column("chunk_count", sa.Integer(), nullable=False),
        sa.Column(
            "published_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.ForeignKeyConstraint(["repository_id"], ["gateway.repositories.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("repository_id", "generation"),
        schema="gateway",
    )
    op.execute(
        "INSERT INTO gateway.repository_versions (repository_id, generation, commit, ref, kept, chunk_count, published_at)"
        " SELECT id, generation, commit, ref, false, coalesce((facts ->> 'chunk_count')::int, 0), coalesce(indexed_at, now())"
        " FROM gateway.repositories WHERE generation > 0 AND commit IS NOT NULL"
    )


def downgrade() -> None:
    op.drop_table("repository_versions", schema="gateway")

"""Which snapshots came as archives: they have no history that git would have to be asked for."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    column: sa.Column[bool] = sa.Column("is_archive", sa.Boolean(), nullable=False, server_default=sa.false())
    op.add_column("snapshots", column, schema="docgen")


def downgrade() -> None:
    op.drop_column("snapshots", "is_archive", schema="docgen")

"""The names that a page looked up: it has to be planned again when one of them means something else."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    texts = postgresql.ARRAY(sa.Text())
    op.add_column("documents", sa.Column("asked_names", texts, nullable=False, server_default="{}"), schema="docgen")


def downgrade() -> None:
    op.drop_column("documents", "asked_names", schema="docgen")

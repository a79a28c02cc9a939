"""Packed links carry packages, fingerprints and suppressions too; older ones are made anew by the next analysis."""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_NOTHING = "[[],[],[],[],[],[],[],[]]"


def upgrade() -> None:
    op.execute(f"UPDATE docgen.file_facts SET links = convert_to('{_NOTHING}', 'UTF8')")  # noqa: S608 - a constant


def downgrade() -> None:
    op.execute("UPDATE docgen.file_facts SET links = convert_to('[[],[],[],[],[]]', 'UTF8')")

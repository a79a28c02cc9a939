"""Imports are kept together with definitions, references and bindings, packed for linking."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_NOTHING = "[[],[],[],[],[]]"


def upgrade() -> None:
    nothing = sa.text(f"convert_to('{_NOTHING}', 'UTF8')")
    links = sa.Column("links", sa.LargeBinary(), nullable=False, server_default=nothing)
    op.add_column("file_facts", links, schema="docgen")
    op.alter_column("file_facts", "links", server_default=None, schema="docgen")
    op.drop_column("file_facts", "imports", schema="docgen")
    decorators = sa.Column("decorators", sa.Text(), nullable=False, server_default="")
    op.add_column("symbols", decorators, schema="docgen")
    op.alter_column("symbols", "decorators", server_default=None, schema="docgen")


def downgrade() -> None:
    op.drop_column("symbols", "decorators", schema="docgen")
    imports = sa.Column("imports", sa.LargeBinary(), nullable=False, server_default=sa.text("convert_to('[]', 'UTF8')"))
    op.add_column("file_facts", imports, schema="docgen")
    op.drop_column("file_facts", "links", schema="docgen")

"""Documents in sections, in several languages, with their history.

Generated pages are dropped: the next index run writes them anew. Edited ones become a single section, which the next run
merges with what is generated.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010"
down_revision = "0003"
branch_labels = None
depends_on = None

_TABLE = "documents"


def upgrade() -> None:
    op.execute("DELETE FROM docgen.documents WHERE NOT is_edited")
    for column in (
        sa.Column("locale", sa.Text(), nullable=False, server_default="en"),
        sa.Column("own_title", sa.Text(), nullable=True),
        sa.Column("sections", sa.LargeBinary(), nullable=False, server_default="[]"),
        sa.Column("revision", sa.Integer(), nullable=False, server_default="1"),
        sa.Column("origin", sa.Text(), nullable=False, server_default="edited"),
        sa.Column("author", sa.Text(), nullable=False, server_default=""),
        sa.Column("template_error", sa.Text(), nullable=True),
    ):
        op.add_column(_TABLE, column, schema="docgen")
    op.execute(
        "UPDATE docgen.documents SET own_title = title, inputs_hash = '', locale = CASE kind WHEN 'page' THEN '' ELSE 'en' END, "
        "is_stale = false, sections = convert_to(json_build_array(json_build_object("
        "'key', 'about', 'text', content, 'digest', '', 'sources', json_build_array(), 'generated', '', 'base', NULL))::text, 'UTF8')"
    )
    for name in ("locale", "sections", "revision", "origin", "author"):
        op.alter_column(_TABLE, name, server_default=None, schema="docgen")
    op.drop_column(_TABLE, "content", schema="docgen")
    op.alter_column(_TABLE, "is_stale", new_column_name="is_conflicting", schema="docgen")
    op.drop_constraint("documents_repository_id_path_key", _TABLE, schema="docgen")
    op.create_unique_constraint(None, _TABLE, ["repository_id", "path", "locale"], schema="docgen")
    op.create_table(
        "document_revisions",
        sa.Column("document_id", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("commit", sa.Text(), nullable=False),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["document_id"], ["docgen.documents.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("document_id", "revision"),
        schema="docgen",
    )


def downgrade() -> None:
    op.drop_table("document_revisions", schema="docgen")
    op.drop_constraint("documents_repository_id_path_locale_key", _TABLE, schema="docgen")
    op.execute("DELETE FROM docgen.documents")
    op.create_unique_constraint(None, _TABLE, ["repository_id", "path"], schema="docgen")
    op.alter_column(_TABLE, "is_conflicting", new_column_name="is_stale", schema="docgen")
    op.add_column(_TABLE, sa.Column("content", sa.Text(), nullable=False), schema="docgen")
    for name in ("template_error", "author", "origin", "revision", "sections", "own_title", "locale"):
        op.drop_column(_TABLE, name, schema="docgen")

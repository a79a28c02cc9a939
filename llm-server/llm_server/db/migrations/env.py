"""Alembic's entry: runs migrations on the connection that the service hands over."""

from alembic import context

from llm_server.db.models import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    version_table_schema=context.config.attributes["schema"],
    include_schemas=True,
)
with context.begin_transaction():
    context.run_migrations()

"""Alembic's environment: runs on the connection and schema that the service hands over."""

from alembic import context

from orchestrator.db.models import Base

connection = context.config.attributes["connection"]
schema = context.config.attributes["schema"]
context.configure(
    connection=connection, target_metadata=Base.metadata, version_table_schema=schema, include_schemas=True
)
with context.begin_transaction():
    context.run_migrations()

"""The tables can be made, unmade step by step, and made again."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import inspect, text

import docgen_server.db
import docgen_server.db.history
import docgen_server.db.reports
import docgen_server.db.summaries
from codemuse.database import migrate, open_engine
from docgen_server.db.models import SCHEMA, Base

MIGRATIONS = Path(docgen_server.db.__file__).parent / "migrations"


def columns_of(connection):
    """Every column of every table, by table."""
    inspector = inspect(connection)
    tables = [name for name in inspector.get_table_names(schema=SCHEMA) if name != "alembic_version"]
    return {name: {column["name"] for column in inspector.get_columns(name, schema=SCHEMA)} for name in tables}


def step_down(connection):
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes |= {"connection": connection, "schema": SCHEMA}
    command.downgrade(config, "-1")


async def test_every_migration_can_be_taken_back_and_made_again(postgres_url):
    async with open_engine(postgres_url) as engine:
        await migrate(engine, schema=SCHEMA, migrations=MIGRATIONS)
        async with engine.connect() as connection:
            made = await connection.run_sync(columns_of)
            steps = 0
            while await connection.run_sync(columns_of):
                await connection.run_sync(step_down)
                await connection.commit()
                steps += 1
                assert steps < 100
            assert (await connection.execute(text("SELECT count(*) FROM docgen.alembic_version"))).scalar_one() == 0
        assert steps == len(list((MIGRATIONS / "versions").glob("0*.py")))

        await migrate(engine, schema=SCHEMA, migrations=MIGRATIONS)
        async with engine.connect() as connection:
            assert await connection.run_sync(columns_of) == made


async def test_the_tables_are_those_that_the_models_describe(postgres_url):
    async with open_engine(postgres_url) as engine:
        await migrate(engine, schema=SCHEMA, migrations=MIGRATIONS)
        async with engine.connect() as connection:
            made = await connection.run_sync(columns_of)
    assert made == {table.name: {column.name for column in table.columns} for table in Base.metadata.tables.values()}

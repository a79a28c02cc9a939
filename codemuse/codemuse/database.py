"""Postgres for the services that own a schema: the engine, its sessions, and migrations under a lock."""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import (
    AsyncAdaptedQueuePool,
    Connection,
    NullPool,
    PoolProxiedConnection,
    TableValuedAlias,
    bindparam,
    event,
    func,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, Insert, insert
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase

from codemuse.errors import Unavailable

Sessions = async_sessionmaker[AsyncSession]

POOL_WAIT_SECONDS = 2.0
"""Longer than this nobody waits for a connection; the request is answered 503 instead."""
CONNECT_SECONDS = 5
STATEMENT_SECONDS = 60
"""Longer than this nobody waits for a statement, but for those of migrations."""


class _Pool(AsyncAdaptedQueuePool):
    """Says that it may be tried again when all connections are taken."""

    def connect(self) -> PoolProxiedConnection:
        """A connection.

        Raises:
            Unavailable: None became free in time.
        """
        try:
            return super().connect()
        except PoolTimeoutError as error:
            raise Unavailable("The database is busy at the moment.", retry_after=POOL_WAIT_SECONDS) from error


@asynccontextmanager
async def open_engine(url: str, *, pool_size: int = 10) -> AsyncIterator[AsyncEngine]:
    """Open an engine with its pool.

    Args:
        url: ``postgresql://...`` in any spelling; the asyncpg driver is chosen here.
        pool_size: Connections that are kept; as many again may open under load.
    """
    engine = create_async_engine(
        make_url(url).set(drivername="postgresql+asyncpg"),
        poolclass=_Pool,
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_timeout=POOL_WAIT_SECONDS,
        pool_recycle=1800,
        connect_args={"timeout": CONNECT_SECONDS, "command_timeout": STATEMENT_SECONDS},
    )
    event.listen(engine.sync_engine, "checkout", _refuse_closed)
    try:
        yield engine
    finally:
        await engine.dispose()


class _SingleReads(async_sessionmaker[AsyncSession]):
    """Sessions whose reads stand for themselves, and whose ``begin`` is a transaction all the same."""

    def __init__(self, engine: AsyncEngine) -> None:
        super().__init__(engine.execution_options(isolation_level="AUTOCOMMIT"), expire_on_commit=False)
        self._transactions = async_sessionmaker(engine, expire_on_commit=False)

    def begin(self) -> Any:
        """A session with its transaction."""
        return self._transactions.begin()


def single_reads(engine: AsyncEngine) -> Sessions:
    """Sessions for services that write only within ``begin``: what they read outside of it needs no transaction.

    A transaction around one statement costs two more round trips, which is most of what a small read costs.
    """
    return _SingleReads(engine)


def _refuse_closed(connection: Any, _record: Any, _proxy: Any) -> None:
    """Make the pool replace a connection that the server has closed; costs no round trip, as a ping would."""
    if connection.driver_connection.is_closed():
        raise DisconnectionError


def rows_as_table(columns: Iterable[Any], rows: Sequence[Mapping[str, Any]]) -> TableValuedAlias:
    """Rows to select from, sent as an array a column: one statement for all is several times as fast as one for each.

    Args:
        columns: Columns of a table that the rows are for; none of them an array, which would be taken apart.
        rows: Values by the names of these columns.
    """
    wanted = list(columns)
    arrays = [bindparam(item.name, [row[item.name] for row in rows], ARRAY(item.type)) for item in wanted]
    return func.unnest(*arrays).table_valued(*(item.name for item in wanted), name="given").render_derived()


def insert_rows(table: type[DeclarativeBase], rows: Sequence[Mapping[str, Any]]) -> Insert:
    """One statement that inserts rows with a value for every column; see ``rows_as_table``."""
    columns = list(table.__table__.columns)
    return insert(table).from_select([item.name for item in columns], select(*rows_as_table(columns, rows).c))


async def migrate(engine: AsyncEngine, *, schema: str, migrations: Path) -> None:
    """Bring a schema to its newest version; of several processes one does it, the others wait, however long it takes.

    Args:
        engine: Where.
        schema: Name of the schema; created when missing. Alembic's version table lives in it too.
        migrations: Folder of the Alembic environment.
    """
    patient = create_async_engine(engine.url, poolclass=NullPool, connect_args={"timeout": CONNECT_SECONDS})
    async with patient.connect() as connection:
        await connection.execute(text("SELECT pg_advisory_lock(hashtext(:name))"), {"name": f"migrate {schema}"})
        try:
            await connection.execute(text(f'CREATE SCHEMA IF NOT EXISTS "{schema}"'))
            await connection.commit()
            await connection.run_sync(_upgrade, schema, migrations)
            await connection.commit()
        finally:
            await connection.rollback()
            await connection.execute(text("SELECT pg_advisory_unlock(hashtext(:name))"), {"name": f"migrate {schema}"})


def _upgrade(connection: Connection, schema: str, migrations: Path) -> None:
    config = Config()
    config.set_main_option("script_location", str(migrations).replace("%", "%%"))
    attributes: dict[Any, Any] = config.attributes
    attributes["connection"] = connection
    attributes["schema"] = schema
    command.upgrade(config, "head")

"""What several features ask of snapshots and facts."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Text, and_, any_, bindparam, cast, func, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.types import TypeEngine

from docgen_server.core.analysis import ANALYSER_VERSION
from docgen_server.core.errors import PathNotFound, SnapshotNotFound
from docgen_server.db.models import FileFacts, Snapshot, SnapshotFile

_MOST_PARAMETERS = 5000


class FileRow(NamedTuple):
    """What the pages and the graph need of a file; what follows from its content only where it was analysed."""

    path: str
    blob: str
    size: int
    skip_reason: str | None
    id: UUID | None
    """Of its facts."""
    language: str
    line_count: int
    doc: str


def any_array(values: Sequence[Any], kind: type[TypeEngine[Any]]) -> Any:
    """Any of some values, as one parameter: a list in SQL would be another statement for every length."""
    return any_(cast(bindparam(None, list(values), ARRAY(kind)), ARRAY(kind)))


def facts_id(repository_id: str, path: str, blob: str, language: str) -> UUID:
    """Name of the facts of one content at one place; equal input has equal facts."""
    parts = "\0".join((repository_id, path, blob, language, str(ANALYSER_VERSION)))
    return UUID(bytes=hashlib.blake2b(parts.encode("utf-8", "surrogatepass"), digest_size=16).digest())


async def plain_rows(session: AsyncSession, query: Any) -> Sequence[Any]:
    """Rows as tuples, past the mapper: of thousands of rows it would take more time than the database."""
    connection = await session.connection()
    rows: Sequence[Any] = (await connection.execute(query)).all()
    return rows


async def get_snapshot(session: AsyncSession, snapshot_id: str) -> Snapshot:
    """A snapshot.

    Raises:
        SnapshotNotFound: There is none of that id.
    """
    snapshot = await session.get(Snapshot, snapshot_id)
    if snapshot is None:
        raise SnapshotNotFound("There is no such snapshot.")
    return snapshot


async def get_files(session: AsyncSession, snapshot_id: str, paths: Sequence[str]) -> Mapping[str, SnapshotFile]:
    """Files of a snapshot by path.

    Raises:
        PathNotFound: One of the paths is not in the snapshot.
    """
    query = select(SnapshotFile).where(SnapshotFile.snapshot_id == snapshot_id)
    query = query.where(SnapshotFile.path == any_array(list(set(paths)), Text))
    found = {file.path: file for file in await session.scalars(query)}
    missing = next((path for path in paths if path not in found), None)
    if missing is not None:
        raise PathNotFound("The snapshot has no such file.", path=missing[:500])
    return found


async def count_facts(session: AsyncSession, snapshot_id: str) -> int:
    """How many files of a snapshot are analysed by now."""
    query = (
        select(func.count())
        .select_from(FileFacts)
        .join(SnapshotFile, SnapshotFile.facts_id == FileFacts.id)
        .where(SnapshotFile.snapshot_id == snapshot_id)
    )
    return (await session.scalars(query)).one()


async def list_files(session: AsyncSession, snapshot_id: str) -> list[FileRow]:
    """Every file, in path order."""
    query: Any = (
        select(
            SnapshotFile.path,
            SnapshotFile.blob,
            SnapshotFile.size,
            SnapshotFile.skip_reason,
            FileFacts.id,
            FileFacts.language,
            FileFacts.line_count,
            FileFacts.doc,
        )
        .outerjoin(FileFacts, and_(FileFacts.id == SnapshotFile.facts_id, FileFacts.reason.is_(None)))
        .where(SnapshotFile.snapshot_id == snapshot_id)
        .order_by(SnapshotFile.path)
    )
    return [FileRow(*row) for row in await plain_rows(session, query)]


async def get_links(session: AsyncSession, identifiers: Sequence[UUID]) -> dict[UUID, bytes]:
    """What linking needs of some files, packed."""
    found: dict[UUID, bytes] = {}
    for start in range(0, len(identifiers), _MOST_PARAMETERS):
        wanted = identifiers[start : start + _MOST_PARAMETERS]
        query = select(FileFacts.id, FileFacts.links).where(FileFacts.id.in_(wanted))
        found |= {row[0]: row[1] for row in await session.execute(query)}
    return found

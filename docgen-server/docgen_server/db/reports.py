"""Uploaded reports, one of a kind for a commit."""

from datetime import datetime

import orjson
from sqlalchemy import case, func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from docgen_server.core.reports.coverage import Coverage, FileCoverage
from docgen_server.core.reports.junit import TestCase
from docgen_server.db.models import Base, Snapshot

COVERAGE, TESTS = "coverage", "tests"


class Report(Base):
    """What CI jobs reported of a commit."""

    __tablename__ = "reports"

    repository_id: Mapped[str] = mapped_column(primary_key=True)
    commit: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    payload: Mapped[bytes]
    """JSON; read as a whole, never searched."""
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now())


async def find_report(session: AsyncSession, snapshot: Snapshot, kind: str) -> Report | None:
    """The report of a snapshot's commit, or else the newest one of its repository."""
    is_current = case((Report.commit.in_([snapshot.commit, snapshot.object_id]), 0), else_=1)
    query = (
        select(Report)
        .where(Report.repository_id == snapshot.repository_id, Report.kind == kind)
        .order_by(is_current, Report.updated_at.desc())
        .limit(1)
    )
    return (await session.scalars(query)).first()


async def lock_report(session: AsyncSession, repository_id: str, commit: str, kind: str) -> Report | None:
    """The report of exactly this commit, to be changed in this transaction; also one that is not there yet is locked."""
    lock = {"name": f"report {kind} {repository_id} {commit}"}
    await session.execute(text("SELECT pg_advisory_xact_lock(hashtext(:name))"), lock)
    return await session.get(Report, (repository_id, commit, kind))


async def store_report(session: AsyncSession, repository_id: str, commit: str, kind: str, payload: bytes) -> None:
    """Write the report of a commit."""
    values = {"repository_id": repository_id, "commit": commit, "kind": kind, "payload": payload}
    statement = insert(Report).values(values)
    changed = {"payload": payload, "updated_at": func.now()}
    await session.execute(
        statement.on_conflict_do_update(index_elements=["repository_id", "commit", "kind"], set_=changed)
    )


def pack_coverage(coverage: Coverage) -> bytes:
    """Coverage as it is stored."""
    return orjson.dumps({path: [sorted(file.covered), sorted(file.missed)] for path, file in coverage.items()})


def unpack_coverage(payload: bytes) -> Coverage:
    """Coverage from what is stored."""
    stored: dict[str, tuple[list[int], list[int]]] = orjson.loads(payload)
    return {path: FileCoverage(set(covered), set(missed)) for path, (covered, missed) in stored.items()}


def pack_tests(cases: list[TestCase]) -> bytes:
    """Tests as they are stored."""
    return orjson.dumps([tuple(case) for case in cases])


def unpack_tests(payload: bytes) -> list[TestCase]:
    """Tests from what is stored."""
    return [TestCase(*item) for item in orjson.loads(payload)]

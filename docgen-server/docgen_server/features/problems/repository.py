"""Rows of problems."""

from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, false, func, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from codemuse.contracts.findings import ProblemRead
from docgen_server.core.problems.catalogue import CATALOGUE
from docgen_server.core.problems.settings import EVERYTHING
from docgen_server.db.models import Problem, SnapshotFile


class ProblemFilter(NamedTuple):
    """Which problems are wanted; nothing means all."""

    rule: str | None = None
    path: str | None = None
    severity: str | None = None

    def accepts(self, problem: ProblemRead) -> bool:
        """Whether a problem is wanted."""
        return (
            self.rule in {None, problem.rule}
            and self.severity in {None, problem.severity}
            and (self.path is None or problem.path == self.path or problem.path.startswith(self.path.rstrip("/") + "/"))
        )

    def conditions(self) -> list[ColumnElement[bool]]:
        """The same as conditions on rows."""
        conditions: list[ColumnElement[bool]] = []
        if self.rule is not None:
            conditions.append(Problem.rule == self.rule)
        if self.severity is not None:
            conditions.append(Problem.severity == self.severity)
        if self.path is not None:
            inside = SnapshotFile.path.startswith(self.path.rstrip("/") + "/", autoescape=True)
            conditions.append(or_(SnapshotFile.path == self.path, inside))
        return conditions


class Exclusion(NamedTuple):
    """What the repository's own settings switch off."""

    rules: frozenset[str] = frozenset()
    places: tuple[tuple[str, str], ...] = ()
    """Pairs of path and rule."""

    def conditions(self) -> list[ColumnElement[bool]]:
        """The rest, as conditions on rows."""
        conditions: list[ColumnElement[bool]] = []
        if EVERYTHING in self.rules:
            conditions.append(false())
        elif self.rules:
            conditions.append(Problem.rule.not_in(self.rules))
        if self.places:
            conditions.append(tuple_(SnapshotFile.path, Problem.rule).not_in(self.places))
        return conditions


class ProblemRepository:
    """Reads problems within one session."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def list_problems(
        self, snapshot_id: str, wanted: ProblemFilter, excluded: Exclusion, *, offset: int, limit: int
    ) -> list[ProblemRead]:
        """Problems in path and line order."""
        query = (
            select(Problem, SnapshotFile.path)
            .join(SnapshotFile, SnapshotFile.facts_id == Problem.facts_id)
            .where(SnapshotFile.snapshot_id == snapshot_id, *wanted.conditions(), *excluded.conditions())
            .order_by(SnapshotFile.path, Problem.start_line, Problem.ordinal)
            .offset(offset)
            .limit(limit)
        )
        return [_read(*row) for row in await self._session.execute(query)]

    async def places(self, snapshot_id: str) -> list[tuple[str, str]]:
        """Each path with each rule that objects to it."""
        query = (
            select(SnapshotFile.path, Problem.rule)
            .join(SnapshotFile, SnapshotFile.facts_id == Problem.facts_id)
            .where(SnapshotFile.snapshot_id == snapshot_id)
            .distinct()
        )
        return [(row[0], row[1]) for row in await self._session.execute(query)]

    async def counts(self, snapshot_id: str, excluded: Exclusion) -> dict[str, int]:
        """Findings per rule."""
        query: Any = (
            select(Problem.rule, func.count())
            .join(SnapshotFile, SnapshotFile.facts_id == Problem.facts_id)
            .where(SnapshotFile.snapshot_id == snapshot_id, *excluded.conditions())
            .group_by(Problem.rule)
        )
        return {row[0]: row[1] for row in await self._session.execute(query)}


def _read(problem: Problem, path: str) -> ProblemRead:
    return ProblemRead(
        id=f"{problem.facts_id.hex}-{problem.ordinal}",
        rule=problem.rule,
        severity=problem.severity,
        path=path,
        start_line=problem.start_line,
        end_line=problem.end_line,
        symbol=problem.symbol,
        message=problem.message,
        advice=problem.advice,
        explanation=rule.explanation if (rule := CATALOGUE.get(problem.rule)) else None,
    )

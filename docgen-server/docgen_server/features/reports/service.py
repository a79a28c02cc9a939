"""Keeps reports and joins them to the code of a snapshot."""

import asyncio
from collections import Counter
from collections.abc import Sequence

from codemuse.contracts.findings import (
    CoverageRead,
    FileCoverageRead,
    ReportAccepted,
    SymbolCoverageRead,
    TestCaseRead,
    TestReportRead,
)
from codemuse.database import Sessions
from docgen_server.core.linking.file_links import FileLinks
from docgen_server.core.linking.program import Program
from docgen_server.core.reports.coverage import Coverage, FileCoverage, match_paths, merge, parse_coverage
from docgen_server.core.reports.junit import TestCase, parse_junit
from docgen_server.db.links import LinkStore
from docgen_server.db.reports import (
    COVERAGE,
    TESTS,
    find_report,
    lock_report,
    pack_coverage,
    pack_tests,
    store_report,
    unpack_coverage,
    unpack_tests,
)
from docgen_server.db.snapshots import get_snapshot


class ReportService:
    """Coverage and test results."""

    def __init__(self, sessions: Sessions, links: LinkStore) -> None:
        self._sessions = sessions
        self._links = links

    async def add_coverage(self, repository_id: str, commit: str, data: bytes) -> ReportAccepted:
        """Add the coverage of one job to what is known of a commit.

        Raises:
            InvalidReport: It is in no format that is read.
        """
        form, coverage = await asyncio.to_thread(parse_coverage, data)
        accepted = ReportAccepted(
            commit=commit,
            format=form,
            file_count=len(coverage),
            line_count=sum(len(file.covered) + len(file.missed) for file in coverage.values()),
        )
        async with self._sessions.begin() as session:
            known = await lock_report(session, repository_id, commit, COVERAGE)
            payload = await asyncio.to_thread(_add_coverage, known.payload if known else None, coverage)
            await store_report(session, repository_id, commit, COVERAGE, payload)
        return accepted

    async def add_tests(self, repository_id: str, commit: str, data: bytes) -> ReportAccepted:
        """Add the test results of one job to what is known of a commit.

        Raises:
            InvalidReport: It is no JUnit XML.
        """
        cases = await asyncio.to_thread(parse_junit, data)
        async with self._sessions.begin() as session:
            known = await lock_report(session, repository_id, commit, TESTS)
            payload = await asyncio.to_thread(_add_tests, known.payload if known else None, cases)
            await store_report(session, repository_id, commit, TESTS, payload)
        return ReportAccepted(commit=commit, format="junit", test_count=len(cases))

    async def coverage(self, snapshot_id: str, path: str | None, limit: int) -> CoverageRead:
        """Coverage of the snapshot's commit, or else the newest that was uploaded."""
        async with self._sessions() as session:
            snapshot = await get_snapshot(session, snapshot_id)
            report = await find_report(session, snapshot, COVERAGE)
            if report is None:
                return CoverageRead()
            linked = await self._links.get(session, snapshot)
        coverage = await asyncio.to_thread(_match, report.payload, linked.program)
        covered = sum(len(file.covered) for file in coverage.values())
        total = covered + sum(len(file.missed) for file in coverage.values())
        shown = {name: file for name, file in coverage.items() if path in {None, name}}
        items = sorted(
            (_read_file(name, file) for name, file in shown.items()), key=lambda item: (item.rate, item.path)
        )
        symbols = _symbols(linked.program.files[path], coverage[path]) if path is not None and path in coverage else []
        return CoverageRead(
            commit=report.commit,
            is_current=report.commit in {snapshot.commit, snapshot.object_id},
            rate=covered / total if total else None,
            items=items[:limit],
            symbols=symbols,
        )

    async def tests(self, snapshot_id: str, limit: int) -> TestReportRead:
        """Test results of the snapshot's commit, or else the newest that were uploaded."""
        async with self._sessions() as session:
            snapshot = await get_snapshot(session, snapshot_id)
            report = await find_report(session, snapshot, TESTS)
            if report is None:
                return TestReportRead()
            linked = await self._links.get(session, snapshot)
        cases = await asyncio.to_thread(unpack_tests, report.payload)
        counts = Counter(case.status for case in cases)
        order = {"failed": 0, "error": 0, "passed": 1, "skipped": 2}
        shown = sorted(cases, key=lambda case: (order[case.status], -case.seconds))[:limit]
        return TestReportRead(
            commit=report.commit,
            is_current=report.commit in {snapshot.commit, snapshot.object_id},
            passed=counts["passed"],
            failed=counts["failed"] + counts["error"],
            skipped=counts["skipped"],
            seconds=sum(case.seconds for case in cases),
            items=[_read_case(case, linked.program) for case in shown],
        )


def _add_coverage(known: bytes | None, more: Coverage) -> bytes:
    total = unpack_coverage(known) if known else {}
    merge(total, more)
    return pack_coverage(total)


def _add_tests(known: bytes | None, more: Sequence[TestCase]) -> bytes:
    total = {(case.suite, case.name): case for case in (*(unpack_tests(known) if known else ()), *more)}
    return pack_tests(list(total.values()))


def _match(payload: bytes, program: Program) -> Coverage:
    return match_paths(unpack_coverage(payload), program.files)


def _read_file(path: str, file: FileCoverage) -> FileCoverageRead:
    return FileCoverageRead(path=path, covered=len(file.covered), missed=len(file.missed), rate=file.rate)


def _symbols(file: FileLinks, coverage: FileCoverage) -> list[SymbolCoverageRead]:
    """Definitions with lines that can run, the least covered first."""
    found: list[SymbolCoverageRead] = []
    for item in file.definitions:
        covered, missed = coverage.within(item.line, item.end_line)
        if item.visibility != "local" and covered + missed:
            found.append(
                SymbolCoverageRead(
                    qualified_name=item.qualified_name,
                    start_line=item.line,
                    end_line=item.end_line,
                    covered=covered,
                    missed=missed,
                    rate=covered / (covered + missed),
                )
            )
    return sorted(found, key=lambda item: (item.rate, item.start_line))


def _read_case(case: TestCase, program: Program) -> TestCaseRead:
    path, symbol = _place(case, program)
    return TestCaseRead(
        name=case.name,
        suite=case.suite,
        status=case.status,
        seconds=case.seconds,
        message=case.message or None,
        path=path,
        symbol=symbol,
    )


def _place(case: TestCase, program: Program) -> tuple[str | None, str | None]:
    """The definition of a test: its function's name (parameters left out), in the file that its suite names."""
    name = case.name.split("[", 1)[0].split("(", 1)[0]
    sites = program.by_name.get(name, [])
    hint = f"{case.path} {case.suite}".replace(".", "/")
    fitting = [site for site in sites if site.path.rpartition("/")[2].split(".", 1)[0] in hint] or sites
    if len(fitting) != 1:
        return (case.path or None), None
    return fitting[0].path, program.definition(fitting[0]).qualified_name

"""Lists problems: those of single files as they were found, those between files when asked."""

import asyncio
from collections.abc import Mapping, Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from codemuse import __version__
from codemuse.contracts.findings import PackageList, PackageRead, ProblemPage, ProblemRead, RuleList, RuleRead, Sarif
from codemuse.database import Sessions
from docgen_server.core.history.blame import blame
from docgen_server.core.linking.program import Site
from docgen_server.core.problems.catalogue import CATALOGUE
from docgen_server.core.problems.sarif import to_sarif
from docgen_server.core.problems.unused import dispatch_prefixes, find_unused_candidates
from docgen_server.core.reports.coverage import match_paths
from docgen_server.db.history import HistoryStore
from docgen_server.db.links import LinkedProgram, LinkStore
from docgen_server.db.mentions import read_mentions
from docgen_server.db.models import Snapshot
from docgen_server.db.pages import decode_offset, encode_cursor
from docgen_server.db.reports import COVERAGE, find_report, unpack_coverage
from docgen_server.db.snapshots import get_snapshot
from docgen_server.features.problems.overall import (
    drop_switched_off,
    find_copies,
    find_cycles,
    find_untested,
    tell_unused,
)
from docgen_server.features.problems.repository import Exclusion, ProblemFilter, ProblemRepository

_MOST_DATED_FILES = 40
_BLAMES_AT_ONCE = 4
_MOST_RESULTS = 25_000
"""What code hosts accept in one SARIF log."""


class ProblemService:
    """Reads problems."""

    def __init__(self, sessions: Sessions, links: LinkStore, histories: HistoryStore) -> None:
        self._sessions = sessions
        self._links = links
        self._histories = histories

    async def list_problems(
        self, snapshot_id: str, wanted: ProblemFilter, *, cursor: str | None, limit: int
    ) -> ProblemPage:
        """A page of problems: those of the whole first, for they are few and concern many files, then file by file."""
        offset = decode_offset(cursor)
        async with self._sessions() as session:
            repository = ProblemRepository(session)
            snapshot = await get_snapshot(session, snapshot_id)
            linked = await self._links.get(session, snapshot)
            report = await find_report(session, snapshot, COVERAGE)
            overall = [*await self._overall(session, linked)]
            if report is not None:
                coverage = match_paths(unpack_coverage(report.payload), linked.program.files)
                overall += find_untested(await self._histories.get(snapshot), coverage, linked)
            matching = [problem for problem in overall if wanted.accepts(problem)]
            page = matching[offset : offset + limit + 1]
            excluded = await _exclusion(repository, snapshot_id, linked)
            if len(page) <= limit:
                rest, skipped = limit + 1 - len(page), max(offset - len(matching), 0)
                page += await repository.list_problems(snapshot_id, wanted, excluded, offset=skipped, limit=rest)
            counts = await repository.counts(snapshot_id, excluded)
        await self._date_notes(snapshot, page[:limit])
        for problem in overall:
            counts[problem.rule] = counts.get(problem.rule, 0) + 1
        return ProblemPage(
            items=page[:limit],
            next_cursor=encode_cursor(str(offset + limit)) if len(page) > limit else None,
            counts=counts,
            settings_mistake=linked.settings.mistake,
        )

    async def export(self, snapshot_id: str, wanted: ProblemFilter) -> Sarif:
        """All problems as a SARIF log."""
        async with self._sessions() as session:
            snapshot = await get_snapshot(session, snapshot_id)
        page = await self.list_problems(snapshot_id, wanted, cursor=None, limit=_MOST_RESULTS)
        log = to_sarif(page.items, commit=snapshot.commit, version=__version__)
        return Sarif.model_validate(log)

    async def list_packages(self, snapshot_id: str) -> PackageList:
        """What the manifests ask for from outside."""
        async with self._sessions() as session:
            linked = await self._links.get(session, await get_snapshot(session, snapshot_id))
        found = [(path, package) for path, file in linked.program.files.items() for package in file.packages]
        return PackageList(items=[PackageRead(path=path, **package._asdict()) for path, package in found])

    async def _date_notes(self, snapshot: Snapshot, page: Sequence[ProblemRead]) -> None:
        """Say of open notes since when they are open, and whose they are."""
        notes: dict[str, list[ProblemRead]] = {}
        for problem in page:
            if problem.rule == "todo" and (problem.path in notes or len(notes) < _MOST_DATED_FILES):
                notes.setdefault(problem.path, []).append(problem)
        if not notes or not (await self._histories.get(snapshot)).commit_count:
            return
        mirror = self._histories.mirrors.get(snapshot.repository_id)
        turns = asyncio.Semaphore(_BLAMES_AT_ONCE)

        async def date(path: str, problems: Sequence[ProblemRead]) -> None:
            async with turns:
                origins = await blame(mirror, snapshot.object_id, path, [problem.start_line for problem in problems])
            for problem in problems:
                origin = origins.get(problem.start_line)
                if origin is not None and not origin.is_boundary:
                    problem.since, problem.author = origin.changed_at, origin.author

        await asyncio.gather(*(date(path, problems) for path, problems in notes.items()))

    async def _overall(self, session: AsyncSession, linked: LinkedProgram) -> list[ProblemRead]:
        """Problems of the snapshot as a whole, found once."""
        async with linked.finding:
            if linked.problems is None:
                program = linked.program
                sites = await asyncio.to_thread(lambda: list(find_unused_candidates(program)))
                names = {program.definition(site).name for site in sites}
                prefixes = {prefix for name in names for prefix in dispatch_prefixes(name)}
                before = self._links.nearest(linked, lambda one: one.mentions is not None)
                known = before.mentions if before else None
                linked.mentions = await read_mentions(session, frozenset(names | prefixes), linked.facts, known)
                linked.problems = await asyncio.to_thread(_find_overall, linked, sites, linked.mentions.counts())
            return linked.problems


def _find_overall(linked: LinkedProgram, sites: Sequence[Site], mentions: Mapping[str, int]) -> list[ProblemRead]:
    program = linked.program
    unused = [site for site in sites if _is_unmentioned(program.definition(site).name, mentions)]
    found = [*find_cycles(linked.imports), *find_copies(program), *tell_unused(program, unused)]
    return [
        problem
        for problem in drop_switched_off(program, iter(found))
        if not linked.settings.ignores(problem.rule, problem.path)
    ]


def list_rules() -> RuleList:
    """Every rule, in the order of the catalogue."""
    return RuleList(
        items=[
            RuleRead(
                id=rule.id,
                severity=rule.severity,
                title=rule.title,
                explanation=rule.explanation,
                advice=rule.advice,
            )
            for rule in CATALOGUE.values()
        ]
    )


def _is_unmentioned(name: str, mentions: Mapping[str, int]) -> bool:
    """Whether a name stands in its own file only, and nobody puts it together from a prefix."""
    return mentions.get(name, 0) < 2 and not any(mentions.get(prefix) for prefix in dispatch_prefixes(name))


async def _exclusion(repository: ProblemRepository, snapshot_id: str, linked: LinkedProgram) -> Exclusion:
    """What the settings switch off among the stored problems."""
    settings = linked.settings
    if not settings.by_path:
        return Exclusion(settings.ignored)
    places = await repository.places(snapshot_id)
    return Exclusion(settings.ignored, tuple(place for place in places if settings.ignores(place[1], place[0])))

"""Lists problems: those of single files as they were found, those between files when asked."""

from importlib.metadata import version

from codemuse.contracts.findings import PackageList, PackageRead, ProblemPage, ProblemRead, RuleList, RuleRead, Sarif
from codemuse.database import Sessions
from docgen_server.core.problems.catalogue import CATALOGUE
from docgen_server.core.problems.sarif import to_sarif
from docgen_server.core.problems.unused import find_unused_candidates
from docgen_server.db.links import LinkedProgram, LinkStore
from docgen_server.db.pages import decode_offset, encode_cursor
from docgen_server.db.snapshots import get_snapshot
from docgen_server.features.problems.overall import drop_switched_off, find_copies, find_cycles, tell_unused
from docgen_server.features.problems.repository import Exclusion, ProblemFilter, ProblemRepository

_MOST_RESULTS = 25_000
"""What code hosts accept in one SARIF log."""


class ProblemService:
    """Reads problems."""

    def __init__(self, sessions: Sessions, links: LinkStore) -> None:
        self._sessions = sessions
        self._links = links

    async def list_problems(
        self, snapshot_id: str, wanted: ProblemFilter, *, cursor: str | None, limit: int
    ) -> ProblemPage:
        """A page of problems: those of the whole first, for they are few and concern many files, then file by file."""
        offset = decode_offset(cursor)
        async with self._sessions() as session:
            repository = ProblemRepository(session)
            linked = await self._links.get(session, await get_snapshot(session, snapshot_id))
            overall = await self._overall(repository, snapshot_id, linked)
            matching = [problem for problem in overall if wanted.accepts(problem)]
            page = matching[offset : offset + limit + 1]
            excluded = await _exclusion(repository, snapshot_id, linked)
            if len(page) <= limit:
                rest, skipped = limit + 1 - len(page), max(offset - len(matching), 0)
                page += await repository.list_problems(snapshot_id, wanted, excluded, offset=skipped, limit=rest)
            counts = await repository.counts(snapshot_id, excluded)
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
        log = to_sarif(page.items, commit=snapshot.commit, version=version("codemuse-docgen-server"))
        return Sarif.model_validate(log)

    async def list_packages(self, snapshot_id: str) -> PackageList:
        """What the manifests ask for from outside."""
        async with self._sessions() as session:
            linked = await self._links.get(session, await get_snapshot(session, snapshot_id))
        found = [(path, package) for path, file in linked.program.files.items() for package in file.packages]
        return PackageList(items=[PackageRead(path=path, **package._asdict()) for path, package in found])

    async def _overall(
        self, repository: ProblemRepository, snapshot_id: str, linked: LinkedProgram
    ) -> list[ProblemRead]:
        """Problems of the snapshot as a whole, found once."""
        if linked.problems is None:
            program = linked.program
            sites = list(find_unused_candidates(program))
            names = await repository.unmentioned(snapshot_id, sorted({program.definition(site).name for site in sites}))
            unused = [site for site in sites if program.definition(site).name in names]
            found = [*find_cycles(linked.imports), *find_copies(program), *tell_unused(program, unused)]
            linked.problems = [
                problem
                for problem in drop_switched_off(program, iter(found))
                if not linked.settings.ignores(problem.rule, problem.path)
            ]
        return linked.problems


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


async def _exclusion(repository: ProblemRepository, snapshot_id: str, linked: LinkedProgram) -> Exclusion:
    """What the settings switch off among the stored problems."""
    settings = linked.settings
    if not settings.by_path:
        return Exclusion(settings.ignored)
    places = await repository.places(snapshot_id)
    return Exclusion(settings.ignored, tuple(place for place in places if settings.ignores(place[1], place[0])))

"""Problems that no file shows by itself: cycles of imports, copies, definitions that nobody uses."""

import hashlib
from collections.abc import Iterator

from codemuse.contracts.findings import ProblemRead
from docgen_server.core.analysis.analyser import is_test_path
from docgen_server.core.analysis.suppression import is_suppressed
from docgen_server.core.history.log import History
from docgen_server.core.linking.graph import LinkGraph
from docgen_server.core.linking.program import Program, Site
from docgen_server.core.problems.catalogue import CATALOGUE
from docgen_server.core.problems.duplicates import find_duplicates
from docgen_server.core.reports.coverage import Coverage
from docgen_server.db.history import hot_spot_score
from docgen_server.db.links import LinkedProgram

_OFTEN = 5
"""Commits from which on a file changes often."""
_HOTTEST_SHARE = 5
"""One in so many files is looked at."""
_HARDLY = 0.3
_LOADED_FILE_BY_FILE = frozenset({"python", "javascript", "typescript", "tsx", "vue"})


def make_problem(
    rule: str, path: str, lines: tuple[int, int], message: str, *, symbol: str | None = None, identity: str = ""
) -> ProblemRead:
    """A problem of a rule of the catalogue.

    Args:
        rule: Its id.
        path: Where.
        lines: First and last line.
        message: What.
        symbol: Qualified name of the definition.
        identity: What tells it from others of the same rule and path; its message unless given.
    """
    known = CATALOGUE[rule]
    text = "\0".join((rule, path, identity or message))
    return ProblemRead(
        id=hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=16).hexdigest(),
        rule=rule,
        severity=known.severity,
        path=path,
        start_line=lines[0],
        end_line=lines[1],
        symbol=symbol,
        message=message,
        advice=known.advice,
        explanation=known.explanation,
    )


def find_cycles(graph: LinkGraph) -> Iterator[ProblemRead]:
    """``import-cycle``: files that need each other while they load, in languages where that matters."""
    for files in graph.cycles:
        if graph.files[files[0]].language not in _LOADED_FILE_BY_FILE or any(map(is_test_path, files)):
            continue
        line = graph.line_of(files[0], files[1])
        message = "These files import each other while they load: " + " → ".join([*files, files[0]])
        yield make_problem("import-cycle", files[0], (line, line), message)


def find_copies(program: Program) -> Iterator[ProblemRead]:
    """``duplicated-block``, told at the second place."""
    for first, second in find_duplicates(program.files.values()):
        count = second.end_line - second.start_line + 1
        message = f"{count} lines that also stand in {first.path}:{first.start_line}-{first.end_line}."
        yield make_problem("duplicated-block", second.path, (second.start_line, second.end_line), message)


def tell_unused(program: Program, sites: list[Site]) -> Iterator[ProblemRead]:
    """``unused-definition``."""
    for site in sites:
        item = program.definition(site)
        message = f"{item.qualified_name} is private, and nothing in the repository mentions it."
        yield make_problem(
            "unused-definition", site.path, (item.line, item.end_line), message, symbol=item.qualified_name
        )


def find_untested(history: History, coverage: Coverage, linked: LinkedProgram) -> Iterator[ProblemRead]:
    """``untested-hotspot``: among the files that cost most, those that tests hardly run."""
    lines = {path: file.line_count for path, file in linked.imports.files.items() if path in coverage}
    changed = [history.files[path] for path in lines if path in history.files]
    scores = {file.path: hot_spot_score(file.commit_count, lines[file.path]) for file in changed}
    ranked = sorted(changed, key=lambda file: -scores[file.path])
    for file in ranked[: max(len(ranked) // _HOTTEST_SHARE, 1)]:
        rate = coverage[file.path].rate
        if file.commit_count < _OFTEN or rate >= _HARDLY or linked.settings.ignores("untested-hotspot", file.path):
            continue
        message = f"Changed by {file.commit_count} commits; tests run {rate:.0%} of its lines."
        yield make_problem("untested-hotspot", file.path, (1, max(lines[file.path], 1)), message)


def drop_switched_off(program: Program, problems: Iterator[ProblemRead]) -> Iterator[ProblemRead]:
    """Problems that no comment in their file switches off."""
    for problem in problems:
        file = program.files.get(problem.path)
        if file is None or not is_suppressed(file.suppressions, problem.rule, problem.start_line, problem.end_line):
            yield problem

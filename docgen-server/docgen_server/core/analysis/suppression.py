"""Comments that switch rules off: ``codemuse: ignore[rule]`` in any language, and ``noqa`` in Python."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from docgen_server.core.analysis.model import Finding
from docgen_server.core.problems.catalogue import CATALOGUE

EVERYTHING = "*"
_OURS = re.compile(r"codemuse:\s*ignore(?P<file>-file)?(?:\[(?P<rules>[\w\s,-]+)\])?")
_NOQA = re.compile(r"#\s*noqa(?::\s*(?P<codes>[A-Z]+[0-9]+(?:[\s,]+[A-Z]+[0-9]+)*))?", re.IGNORECASE)
_BY_CODE: Mapping[str, list[str]] = {
    code: [rule.id for rule in CATALOGUE.values() if code in rule.noqa]
    for item in CATALOGUE.values()
    for code in item.noqa
}

Suppressions = dict[int, list[str]]
"""Rules that are switched off by line; line 0 is the whole file, ``*`` is every rule."""


def find_suppressions(lines: Sequence[str], *, is_python: bool) -> Suppressions:
    """What the comments of a file switch off; one that has a line for itself speaks of the next."""
    found: Suppressions = {}
    for number, line in enumerate(lines, 1):
        if "codemuse:" in line and (match := _OURS.search(line)):
            rules = [rule.strip() for rule in (match["rules"] or EVERYTHING).split(",")]
            alone = not line[: match.start()].strip(" \t#/*-;<!")
            found.setdefault(0 if match["file"] else number + alone, []).extend(rules)
        if is_python and "noqa" in line.lower() and (match := _NOQA.search(line)):
            found.setdefault(number, []).extend(_by_codes(match["codes"]))
    return found


def is_suppressed(suppressions: Mapping[int, Sequence[str]], rule: str, start_line: int, end_line: int) -> bool:
    """Whether a comment switches a rule off for a place: by its first or last line, or for the file."""
    lines = {0, start_line, end_line}
    return any(rule in off or EVERYTHING in off for line in lines if (off := suppressions.get(line)))


def drop_suppressed(findings: Iterable[Finding], suppressions: Suppressions) -> list[Finding]:
    """Findings that no comment switches off."""
    if not suppressions:
        return list(findings)
    return [item for item in findings if not is_suppressed(suppressions, item.rule, item.start_line, item.end_line)]


def _by_codes(codes: str | None) -> Iterator[str]:
    if codes is None:
        yield EVERYTHING
        return
    for code in re.split(r"[\s,]+", codes.upper()):
        yield from _BY_CODE.get(code, ())

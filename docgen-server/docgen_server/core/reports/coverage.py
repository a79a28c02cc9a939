"""Coverage in three formats: Cobertura XML, lcov, and the JSON of coverage.py."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from xml.etree.ElementTree import ParseError

import orjson
from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from docgen_server.core.errors import InvalidReport

_MOST_FILES = 50_000
_MOST_LINES = 5_000_000
_LAST_LINE = 2**31


@dataclass(slots=True)
class FileCoverage:
    """Lines of a file that could run, and which of them did."""

    covered: set[int] = field(default_factory=set)
    missed: set[int] = field(default_factory=set)

    @property
    def rate(self) -> float:
        """Share of covered lines; a file with no lines that run is covered."""
        total = len(self.covered) + len(self.missed)
        return len(self.covered) / total if total else 1.0

    def add(self, line: int, hits: int) -> None:
        """Count one line; what one job covered stays covered."""
        if hits > 0:
            self.covered.add(line)
            self.missed.discard(line)
        elif line not in self.covered:
            self.missed.add(line)

    def within(self, first: int, last: int) -> tuple[int, int]:
        """Covered and missed lines of a range."""
        lines = range(first, last + 1)
        return sum(line in self.covered for line in lines), sum(line in self.missed for line in lines)


Coverage = dict[str, FileCoverage]


def parse_coverage(data: bytes) -> tuple[str, Coverage]:
    """The name of the format and the coverage by path, as the report writes paths.

    Raises:
        InvalidReport: It is in none of the formats, or too large.
    """
    head = data.lstrip()[:1]
    try:
        if head == b"<":
            return "cobertura", _checked(_cobertura(data))
        if head == b"{":
            return "coverage.py", _checked(_coverage_py(data))
        return "lcov", _checked(_lcov(data.decode("utf-8", "replace")))
    except (ParseError, DefusedXmlException, ValueError, ArithmeticError, LookupError, TypeError, AttributeError):
        message = "Send coverage as Cobertura XML, as lcov, or as the JSON of coverage.py."
        raise InvalidReport(message) from None


def merge(known: Coverage, more: Mapping[str, FileCoverage]) -> None:
    """Add the coverage of another job of the same commit."""
    for path, coverage in more.items():
        file = known.setdefault(path, FileCoverage())
        for line in coverage.missed:
            file.add(line, 0)
        for line in coverage.covered:
            file.add(line, 1)


def match_paths(coverage: Mapping[str, FileCoverage], paths: Iterable[str]) -> Coverage:
    """Coverage by the paths of a snapshot: reports write absolute paths, or paths from a source root."""
    by_name: dict[str, list[str]] = {}
    known = set(paths)
    for path in known:
        by_name.setdefault(path.rpartition("/")[2], []).append(path)
    matched: Coverage = {}
    for written, file in coverage.items():
        clean = written.replace("\\", "/").removeprefix("./")
        found = clean if clean in known else _by_end(clean, by_name)
        if found is not None:
            merge(matched, {found: file})
    return matched


def _by_end(written: str, by_name: Mapping[str, list[str]]) -> str | None:
    """The only path that ends like the written one, or that it ends like."""
    candidates = by_name.get(written.rpartition("/")[2], ())
    found = [path for path in candidates if written.endswith(f"/{path}") or path.endswith(f"/{written}")]
    return max(found, key=len) if found and (len(found) == 1 or written.startswith("/")) else None


def _cobertura(data: bytes) -> Coverage:
    root = fromstring(data)
    if root.tag != "coverage":
        raise ValueError
    coverage: Coverage = {}
    for element in root.iter("class"):
        file = coverage.setdefault(element.attrib["filename"], FileCoverage())
        for line in element.iter("line"):
            file.add(_line(line.attrib["number"]), int(line.attrib["hits"]))
    return coverage


def _coverage_py(data: bytes) -> Coverage:
    files: Mapping[str, Any] = orjson.loads(data)["files"]
    return {
        path: FileCoverage(set(map(_line, file["executed_lines"])), set(map(_line, file["missing_lines"])))
        for path, file in files.items()
    }


def _lcov(text: str) -> Coverage:
    coverage: Coverage = {}
    file: FileCoverage | None = None
    for line in text.splitlines():
        key, _, value = line.partition(":")
        if key == "SF":
            file = coverage.setdefault(value.strip(), FileCoverage())
        elif key == "DA" and file is not None:
            number, hits = value.split(",")[:2]
            file.add(_line(number), int(float(hits)))
    if not coverage:
        raise ValueError
    return coverage


def _line(written: str | float) -> int:
    number = int(written)
    if not 0 <= number <= _LAST_LINE:
        raise ValueError
    return number


def _checked(coverage: Coverage) -> Coverage:
    lines = sum(len(file.covered) + len(file.missed) for file in coverage.values())
    if len(coverage) > _MOST_FILES or lines > _MOST_LINES:
        raise InvalidReport(f"The report has more than {_MOST_FILES} files or {_MOST_LINES} lines.")
    return coverage

"""How tests ended, from JUnit XML: the one format that every test runner writes."""

import math
from collections.abc import Iterator
from typing import NamedTuple
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from docgen_server.core.errors import InvalidReport

_MOST_TESTS = 200_000
_LONGEST_MESSAGE = 2000
_LAST_LINE = 2**31
_STATUSES = {"failure": "failed", "error": "error", "skipped": "skipped"}


class TestCase(NamedTuple):
    """One test."""

    name: str
    suite: str
    """Class or file, as the runner writes it."""
    status: str
    seconds: float
    message: str
    path: str
    line: int


def parse_junit(data: bytes) -> list[TestCase]:
    """Every test of a report, in its order.

    Raises:
        InvalidReport: It is no JUnit XML, or too large.
    """
    try:
        root = fromstring(data)
        cases = [_case(element) for element in root.iter("testcase")]
    except (ParseError, DefusedXmlException, ValueError, TypeError):
        raise InvalidReport("Send test results as JUnit XML.") from None
    if root.tag not in {"testsuites", "testsuite"}:
        raise InvalidReport("Send test results as JUnit XML.")
    if len(cases) > _MOST_TESTS:
        raise InvalidReport(f"The report has more than {_MOST_TESTS} tests.")
    return cases


def _case(element: Element) -> TestCase:
    status, message = next(_outcomes(element), ("passed", ""))
    return TestCase(
        name=element.attrib.get("name", "")[:500],
        suite=element.attrib.get("classname", "")[:500],
        status=status,
        seconds=_seconds(element.attrib.get("time") or "0"),
        message=message[:_LONGEST_MESSAGE],
        path=element.attrib.get("file", "")[:1000],
        line=min(int(element.attrib.get("line") or 0), _LAST_LINE),
    )


def _seconds(written: str) -> float:
    seconds = float(written)
    if not math.isfinite(seconds):
        raise ValueError
    return seconds


def _outcomes(element: Element) -> Iterator[tuple[str, str]]:
    for child in element:
        if child.tag in _STATUSES:
            yield _STATUSES[child.tag], (child.attrib.get("message") or child.text or "").strip()

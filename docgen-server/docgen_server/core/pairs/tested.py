"""Tests and what they try out: the name in words, and the definitions that this test calls and few others do."""

import re
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from docgen_server.core.analysis.analyser import is_test_path
from docgen_server.core.analysis.model import FUNCTION_KINDS, MODULE, ReferenceKind
from docgen_server.core.linking.file_links import LinkDefinition
from docgen_server.core.linking.program import Program, Site
from docgen_server.core.linking.symbol_graph import SymbolGraph
from docgen_server.core.pairs.words import is_telling, words_of_name

_MOST_TARGETS = 3
_SURE = 0.9
_FEWEST_WORDS = 3
_EVERYWHERE = 0.1
"""Of the tests: what more of them call prepares a test and is not what it tests."""
_FEW = 3
_TEST_NAME = re.compile(r"^_*(test|should)(?=[_A-Z\d])|_(test|spec)$", re.IGNORECASE)
_TEST_MARKS = re.compile(r"\b(Test|ParameterizedTest|Fact|Theory|TestMethod|test)$")


class TriedOut(NamedTuple):
    """A test and what it calls, the rarest first."""

    words: str
    site: Site
    targets: list[Site]


def find_tests(program: Program, graph: SymbolGraph) -> Iterator[TriedOut]:
    """Every test whose name tells something and that calls something of its own."""
    called = {site: _called(graph, site) for site in _tests(program)}
    counts = Counter(target for targets in called.values() for target in targets)
    most = max(_FEW, int(len(called) * _EVERYWHERE))
    for site, targets in called.items():
        own = sorted((one for one in targets if counts[one] <= most), key=lambda one: (counts[one], one))
        parts = words_of_name(program.definition(site).name)
        words = " ".join(part for part in parts if part not in {"test", "tests"})
        if own and is_telling(words, fewest=_FEWEST_WORDS):
            yield TriedOut(words, site, own[:_MOST_TARGETS])


def _tests(program: Program) -> Iterator[Site]:
    for path, file in program.files.items():
        if is_test_path(path):
            for ordinal, item in enumerate(file.definitions):
                if item.kind in FUNCTION_KINDS and item.visibility != "local" and _is_test(item):
                    yield Site(path, ordinal)


def _is_test(item: LinkDefinition) -> bool:
    return bool(_TEST_NAME.search(item.name)) or any(_TEST_MARKS.search(mark) for mark in item.decorators)


def _called(graph: SymbolGraph, site: Site) -> set[Site]:
    return {
        link.target
        for link in graph.uses(site)
        if link.kind is ReferenceKind.CALL
        and link.confidence >= _SURE
        and link.target.ordinal != MODULE
        and not is_test_path(link.target.path)
    }

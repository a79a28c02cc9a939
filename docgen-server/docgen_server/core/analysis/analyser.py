"""One file, one parse, all facts."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache

from codemuse.contracts.chunks import ChunkKind
from codemuse.contracts.common import Language
from docgen_server.core.analysis.chunking import Chunker
from docgen_server.core.analysis.fingerprints import fingerprints
from docgen_server.core.analysis.grammars import GRAMMARS
from docgen_server.core.analysis.languages import CODE, CONFIG, PROSE
from docgen_server.core.analysis.model import Definition, FileFacts, Finding, Outline, quarantined
from docgen_server.core.analysis.prose import parse_markdown, parse_rst
from docgen_server.core.analysis.python import PythonParser
from docgen_server.core.analysis.rules.general import (
    check_definitions,
    check_docs,
    check_lines,
    check_packages,
    check_syntax,
)
from docgen_server.core.analysis.suppression import drop_suppressed, find_suppressions
from docgen_server.core.analysis.text import Undecodable, decode, split_lines
from docgen_server.core.analysis.treesitter import TreeSitterParser
from docgen_server.core.packages.manifests import read_manifest
from docgen_server.core.secrets.scan import Secret, find_secrets

LONGEST_LINE_CHARACTERS = 20_000
"""Longer lines make no chunk that anybody could read or embed."""
_MOST_NAMES = 20_000
_LONGEST_DOC = 4_000
_LONGEST_NAME = 120
_MOST_LONELY_BRACKETS = 500
_BRACKETS = (("(", ")"), ("[", "]"), ("{", "}"))
_IDENTIFIER = re.compile(r"[^\W\d]\w+")
_TEST_PATH = re.compile(
    r"(^|/)(tests?|spec|specs|__tests__|testdata|fixtures|examples?|docs_src|t)/|(^|/)test_|[_.](test|spec)\."
)
_KEPT_PATHS = 2**15
_PROSE_PARSERS: dict[Language, Callable[[Sequence[str]], Outline]] = {
    Language.MARKDOWN: parse_markdown,
    Language.RST: parse_rst,
}


def analyse_file(path: str, language: Language, data: bytes) -> FileFacts:
    """All facts of one file; what cannot be read is quarantined with its reason.

    Args:
        path: Path in the repository, for rules that treat tests differently.
        language: What the file is written in.
        data: Its content.
    """
    try:
        text = decode(data)
    except Undecodable as error:
        return quarantined(language, "undecodable", str(error))
    lines = split_lines(text)
    longest = max(map(len, lines), default=0)
    if longest > LONGEST_LINE_CHARACTERS:
        message = f"A line has {longest} characters; at most {LONGEST_LINE_CHARACTERS} are read."
        return quarantined(language, "line_too_long", message)
    is_hopeless = language in GRAMMARS and _is_unbalanced(text)
    outline = Outline() if is_hopeless else _parse(language, text, lines)
    is_code = language in CODE
    secrets = find_secrets(lines)
    values = {lines[secret.line - 1][secret.start : secret.end] for secret in secrets}
    _hide(outline, values)
    counts = Counter(_IDENTIFIER.findall(text))
    for name in [name for name in counts if len(name) > _LONGEST_NAME]:
        del counts[name]
    facts = FileFacts(
        language=language,
        line_count=len(lines),
        definitions=outline.definitions,
        imports=outline.imports,
        references=outline.references,
        bindings=outline.bindings,
        chunks=Chunker(lines, outline.definitions, _kind(language)).cut(),
        names=sorted(name for name in counts if not any(name in value for value in values))[:_MOST_NAMES],
        lonely=_lonely(outline.definitions, counts),
        doc=outline.doc[:_LONGEST_DOC],
    )
    if is_hopeless:
        facts.warnings.append("unbalanced: the brackets do not match, the file was read as plain lines")
    if outline.syntax_error_line is not None:
        facts.warnings.append(f"syntax_error: line {outline.syntax_error_line}")
    facts.packages = read_manifest(path, text)
    facts.suppressions = find_suppressions(lines, is_python=language is Language.PYTHON)
    facts.findings = drop_suppressed(_check(facts, outline, path, lines, secrets), facts.suppressions)
    if is_code and not is_test_path(path):
        facts.fingerprints = fingerprints(lines, _heads(outline.definitions))
    return facts


def _heads(definitions: Sequence[Definition]) -> Iterator[tuple[int, int]]:
    """Where functions stand before their bodies begin."""
    return (
        (item.line, item.end_line - item.body_lines) for item in definitions if item.is_function and item.body_lines
    )


def add_findings(facts: FileFacts, findings: Sequence[Finding]) -> None:
    """Take in what another checker found, unless a comment switches it off; each line is told once by a rule."""
    known = {(item.rule, item.start_line) for item in facts.findings}
    for item in drop_suppressed(findings, facts.suppressions):
        if (item.rule, item.start_line) not in known and facts.reason is None:
            facts.findings.append(replace(item, symbol=_symbol_at(facts.definitions, item.start_line)))
            known.add((item.rule, item.start_line))


def _symbol_at(definitions: Sequence[Definition], line: int) -> str | None:
    """The innermost definition around a line."""
    inside = [item for item in definitions if item.line <= line <= item.end_line]
    return max(inside, key=lambda item: item.depth).qualified_name if inside else None


def _hide(outline: Outline, values: Iterable[str]) -> None:
    """Take secrets out of what is kept as text: signatures of constants show their values."""
    for value in values:
        stars = "*" * len(value)
        outline.doc = outline.doc.replace(value, stars)
        for item in outline.definitions:
            item.signature, item.doc = item.signature.replace(value, stars), item.doc.replace(value, stars)


def _check(
    facts: FileFacts, outline: Outline, path: str, lines: Sequence[str], secrets: Sequence[Secret]
) -> Iterator[Finding]:
    """What the rules for single files find; tests and examples are judged by few of them."""
    yield from check_packages(path, facts.packages)
    is_code = facts.language in CODE
    if not (is_code or facts.language in CONFIG):
        return
    is_test = is_test_path(path)
    yield from check_syntax(outline.syntax_error_line)
    yield from check_lines(lines, () if is_test else secrets)
    if not is_test:
        yield from outline.findings
        yield from check_definitions(outline.definitions, has_signatures=facts.language is not Language.PYTHON)
        yield from check_docs(outline.definitions, lines)


@lru_cache(maxsize=_KEPT_PATHS)
def is_test_path(path: str) -> bool:
    """Whether a file is a test, a fixture or an example."""
    return bool(_TEST_PATH.search(path))


def _is_unbalanced(text: str) -> bool:
    """Whether so many brackets have no partner that parsers would spend minutes on repairs."""
    return any(abs(text.count(opening) - text.count(closing)) > _MOST_LONELY_BRACKETS for opening, closing in _BRACKETS)


def _parse(language: Language, text: str, lines: Sequence[str]) -> Outline:
    if language in _PROSE_PARSERS:
        return _PROSE_PARSERS[language](lines)
    if language not in GRAMMARS:
        return Outline()
    if language is Language.PYTHON:
        return _parse_python(text, lines)
    return TreeSitterParser(GRAMMARS[language], text, lines).parse()


def _parse_python(text: str, lines: Sequence[str]) -> Outline:
    """By the standard library; a file that it refuses is read by the forgiving grammar, so that its good parts stay."""
    try:
        return PythonParser(text, lines).parse()
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        outline = TreeSitterParser(GRAMMARS[Language.PYTHON], text, lines).parse()
        line = getattr(error, "lineno", None)
        outline.syntax_error_line = min(max(line or outline.syntax_error_line or 1, 1), max(len(lines), 1))
        return outline


def _kind(language: Language) -> ChunkKind:
    if language in PROSE:
        return ChunkKind.TEXT
    return ChunkKind.CONFIG if language in CONFIG else ChunkKind.MODULE


def _lonely(definitions: Sequence[Definition], counts: Mapping[str, int]) -> list[str]:
    """Names that occur as often as they are defined; short ones have no meaning of their own."""
    defined = Counter(item.name for item in definitions)
    return sorted(name for name, count in defined.items() if counts.get(name) == count)

"""Rules that hold for every language: they see lines and definitions."""

import re
from collections.abc import Iterator, Sequence

from docgen_server.core.analysis.model import Definition, Finding
from docgen_server.core.packages.manifests import Package, find_unpinned
from docgen_server.core.problems.catalogue import CATALOGUE
from docgen_server.core.secrets.scan import Secret

LONGEST_FUNCTION_LINES = 150
LARGEST_COMPLEXITY = 20
MOST_PARAMETERS = 9
_FEWEST_OFFERED = 5
_DESCRIBED_SHARE = 0.75
_LONG_LINES = 8
"""Shorter definitions mostly explain themselves."""
_COMMENT = re.compile(r"\s*(#|//|/?\*|--)")
_TYPES = frozenset({"class", "struct", "interface", "trait", "enum", "protocol", "object"})
_TODO = re.compile(r"(?:#|//|/\*|\*|--|;|<!--)\s*(?:@?)(TODO|FIXME)\b[:(]?\s*(.{0,120})")
_NESTED = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|<[^<>]*>|\{[^{}]*\}")
_LONGEST_LINE = 2000


def finding(
    rule: str, message: str, start_line: int, end_line: int | None = None, *, symbol: str | None = None
) -> Finding:
    """A finding of a rule of the catalogue."""
    known = CATALOGUE[rule]
    return Finding(rule, known.severity, start_line, end_line or start_line, message, known.advice, symbol)


def check_lines(lines: Sequence[str], secrets: Sequence[Secret]) -> Iterator[Finding]:
    """``todo`` and ``hard-coded-secret``.

    Args:
        lines: The file.
        secrets: Those in it that are to be told.
    """
    for number, line in enumerate(lines, 1):
        if len(line) <= _LONGEST_LINE and ("TODO" in line or "FIXME" in line):
            yield from _todo(number, line)
    yield from _secrets(lines, secrets)


def check_definitions(definitions: Sequence[Definition], *, has_signatures: bool) -> Iterator[Finding]:
    """``long-function``, ``complex-function`` and ``many-parameters``.

    Args:
        definitions: What a file defines.
        has_signatures: Whether parameters are to be counted in the text of the signatures.
    """
    for item in definitions:
        if not item.is_function or item.local:
            continue
        length = item.body_lines
        name = item.qualified_name
        if length > LONGEST_FUNCTION_LINES:
            message = f"{name} has a body of {length} lines (more than {LONGEST_FUNCTION_LINES})."
            yield finding("long-function", message, item.line, item.end_line, symbol=name)
        if item.complexity > LARGEST_COMPLEXITY:
            message = f"{name} has a cyclomatic complexity of {item.complexity} (more than {LARGEST_COMPLEXITY})."
            yield finding("complex-function", message, item.line, item.end_line, symbol=name)
        if has_signatures and (count := _parameter_count(item.signature)) > MOST_PARAMETERS:
            message = f"{name} takes {count} parameters (more than {MOST_PARAMETERS})."
            yield finding("many-parameters", message, item.line, symbol=name)


def check_docs(definitions: Sequence[Definition], lines: Sequence[str]) -> Iterator[Finding]:
    """``missing-doc``: what stands out in a file that describes nearly all it offers; files with other habits are left alone."""
    offered = [item for item in definitions if item.depth == 0 and item.visibility == "public" and not item.local]
    offered = [item for item in offered if item.is_function or item.kind in _TYPES]
    described = sum(bool(item.doc) for item in offered)
    if len(offered) < _FEWEST_OFFERED or described < len(offered) * _DESCRIBED_SHARE:
        return
    for item in offered:
        if item.doc or item.decorators or item.end_line - item.line < _LONG_LINES:
            continue
        if item.name == "main" or item.name.startswith("__"):
            continue
        if item.line > 1 and _COMMENT.match(lines[item.line - 2]):
            continue
        message = (
            f"{item.qualified_name} has no doc comment; {described} of the {len(offered)} public definitions here do."
        )
        yield finding("missing-doc", message, item.line, symbol=item.qualified_name)


def check_packages(path: str, packages: Sequence[Package]) -> Iterator[Finding]:
    """``unpinned-dependency``."""
    for package in find_unpinned(path, packages):
        message = f"Any version of {package.name} will do."
        yield finding("unpinned-dependency", message, package.line, symbol=package.name)


def _parameter_count(signature: str) -> int:
    """Parameters in the text of a signature; nested brackets hold commas of their own."""
    opening = signature.find("(")
    if opening < 0 or signature.endswith("…"):
        return 0
    inside = signature[opening + 1 : signature.rfind(")")]
    for _ in range(4):
        inside = _NESTED.sub("", inside)
    return inside.count(",") + 1 if inside.strip() else 0


def check_syntax(line: int | None) -> Iterator[Finding]:
    """``syntax-error``: the parser gave up on a part of the file."""
    if line is not None:
        yield finding("syntax-error", CATALOGUE["syntax-error"].explanation, line)


def _todo(number: int, line: str) -> Iterator[Finding]:
    if match := _TODO.search(line):
        text = match[2].strip(" */->") or "no note"
        yield finding("todo", f"{match[1]}: {text}", number)


def _secrets(lines: Sequence[str], secrets: Sequence[Secret]) -> Iterator[Finding]:
    """One finding for a secret, however many lines it has."""
    last = (-1, "")
    for secret in secrets:
        if (secret.line - 1, secret.rule) != last:
            value = lines[secret.line - 1][secret.start : secret.end]
            kind = secret.rule.replace("-", " ")
            yield finding("hard-coded-secret", f"Looks like a secret ({kind}): {mask(value)}", secret.line)
        last = (secret.line, secret.rule)


def mask(value: str) -> str:
    """The first characters of a secret, enough to find it and too little to use it."""
    return f"{value[:4]}{'*' * 8} ({len(value)} characters)"

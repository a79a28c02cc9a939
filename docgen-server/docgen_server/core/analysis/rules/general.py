"""Rules that hold for every language: they see lines and definitions."""

import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence

from docgen_server.core.analysis.model import Definition, Finding

LONGEST_FUNCTION_LINES = 150
LARGEST_COMPLEXITY = 20
_TODO = re.compile(r"(?:#|//|/\*|\*|--|;|<!--)\s*(?:@?)(TODO|FIXME)\b[:(]?\s*(.{0,120})")
_NAMED_SECRET = re.compile(
    r"""(?ix) \b [\w.-]{0,40} (?:password|passwd|secret|api_?key|access_?key|auth_?token|private_?key) [\w-]{0,20} \b
    ["']? \s* (?::|=|:=|=>) \s* ["'] (?P<value>[^"'\s]{12,200}) ["'] """
)
_KNOWN_SECRET = re.compile(
    r"(?P<value>AKIA[0-9A-Z]{16}|ghp_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9_]{60,}|xox[baprs]-[A-Za-z0-9-]{20,}"
    r"|sk_live_[A-Za-z0-9]{24,}|sk-ant-[A-Za-z0-9_-]{40,}|AIza[0-9A-Za-z_-]{35}|glpat-[A-Za-z0-9_-]{20}"
    r"|-----BEGIN (?:RSA |EC |OPENSSH )?PRIVATE KEY-----)"
)
_PLACEHOLDER = re.compile(
    r"(?i)example|changeme|change-me|placeholder|dummy|sample|your[_-]|xxx|<|\$\{|%\(|\{\{|test|todo|\.\.\."
)
_SMALLEST_ENTROPY_BITS = 3.5
_LONGEST_LINE = 2000


def check_lines(lines: Sequence[str], *, is_test: bool) -> Iterator[Finding]:
    """``todo`` and ``hard-coded-secret``."""
    for number, line in enumerate(lines, 1):
        if len(line) > _LONGEST_LINE:
            continue
        yield from _todo(number, line)
        if not is_test:
            yield from _secret(number, line)


def check_definitions(definitions: Sequence[Definition]) -> Iterator[Finding]:
    """``long-function`` and ``complex-function``."""
    for item in definitions:
        if not item.is_function or item.local:
            continue
        length = item.end_line - item.line + 1
        if length > LONGEST_FUNCTION_LINES:
            yield Finding(
                rule="long-function",
                severity="note",
                start_line=item.line,
                end_line=item.end_line,
                message=f"{item.qualified_name} has {length} lines (more than {LONGEST_FUNCTION_LINES}).",
                advice="Give its steps names of their own.",
                symbol=item.qualified_name,
            )
        if item.complexity > LARGEST_COMPLEXITY:
            yield Finding(
                rule="complex-function",
                severity="warning",
                start_line=item.line,
                end_line=item.end_line,
                message=f"{item.qualified_name} has a cyclomatic complexity of {item.complexity}"
                f" (more than {LARGEST_COMPLEXITY}).",
                advice="Split it along its branches, or replace the branches by a table.",
                symbol=item.qualified_name,
            )


def check_syntax(line: int | None) -> Iterator[Finding]:
    """``syntax-error``: the parser gave up on a part of the file."""
    if line is not None:
        yield Finding(
            rule="syntax-error",
            severity="error",
            start_line=line,
            end_line=line,
            message="The parser does not understand this part of the file; the rest was read.",
            advice="Check the syntax here, or the language version that the file is written for.",
        )


def _todo(number: int, line: str) -> Iterator[Finding]:
    if ("TODO" in line or "FIXME" in line) and (match := _TODO.search(line)):
        text = match[2].strip(" */->") or "no note"
        yield Finding(
            rule="todo",
            severity="note",
            start_line=number,
            end_line=number,
            message=f"{match[1]}: {text}",
            advice="Do it, or move it to the issue tracker.",
        )


_HINT = re.compile(r"(?i)pass|secret|key|token|AKIA|ghp_|github_pat|xox|sk_live|sk-ant|AIza|glpat")


def _secret(number: int, line: str) -> Iterator[Finding]:
    if not _HINT.search(line):
        return
    match = _KNOWN_SECRET.search(line) or _NAMED_SECRET.search(line)
    if match is None:
        return
    value = match["value"]
    is_known = match.re is _KNOWN_SECRET
    if not is_known and (_PLACEHOLDER.search(line) or not _looks_random(value)):
        return
    yield Finding(
        rule="hard-coded-secret",
        severity="error",
        start_line=number,
        end_line=number,
        message=f"Looks like a secret: {mask(value)}",
        advice="Revoke it, read it from the environment or a secret store, and remove it from the history.",
    )


def mask(value: str) -> str:
    """The first characters of a secret, enough to find it and too little to use it."""
    return f"{value[:4]}{'*' * 8} ({len(value)} characters)"


def _looks_random(value: str) -> bool:
    counts = Counter(value)
    entropy = -sum(count / len(value) * math.log2(count / len(value)) for count in counts.values())
    has_digit = any(character.isdigit() for character in value)
    has_letter = any(character.isalpha() for character in value)
    return entropy >= _SMALLEST_ENTROPY_BITS and has_digit and has_letter

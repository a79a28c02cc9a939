"""Lines of sources that show something: a call, an example, a line worth a second look."""

import re
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from codemuse.contracts.sources import Source
from llm_server.core.extractive.passages import PROSE, RST_BLOCK, documentation_lines
from llm_server.core.extractive.ranking import is_test

_COMMENT = ("#", "//", "*", "/*", '"""', "'''", "--")
_DEFINITION = re.compile(r"\b(?:def|class|func|fn|function|struct|interface|type|enum|impl|module|trait|fun)\s+[\w(]")
_TEXT = re.compile(r"\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'")
_FENCE = re.compile(r"```[\w+-]*\n(.*?)```", re.DOTALL)
_MOST_EXAMPLE_LINES = 16
_LONGEST_LINE = 160
_SUSPICIONS = (
    ("todo", re.compile(r"\b(?:TODO|FIXME|XXX|HACK)\b")),
    (
        "swallowed",
        re.compile(
            r"except(?:\s+(?:Exception|BaseException))?(?:\s+as\s+\w+)?\s*:\s*(?:pass\s*)?$|catch\s*(?:\([^)]*\))?\s*\{\s*\}"
        ),
    ),
    ("evaluated", re.compile(r"(?<![\w.])(?:eval|exec)\s*\(|shell\s*=\s*True|os\.system\s*\(")),
    ("secret", re.compile(r"""(?i)(?:password|passwd|secret|api_?key|token)\s*[:=]\s*["'][^"'\s]{6,}["']""")),
    ("deserialised", re.compile(r"pickle\.loads?\(|yaml\.load\((?!.*Safe)|marshal\.loads\(")),
    ("unverified", re.compile(r"verify\s*=\s*False|InsecureSkipVerify\s*:\s*true|rejectUnauthorized\s*:\s*false")),
    ("sql", re.compile(r"""execute\(\s*(?:f["']|["'][^"']*["']\s*(?:%|\+))""")),
    ("default", re.compile(r"def \w+\([^)]*=\s*(?:\[\]|\{\})")),
)


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a source, as it stands there."""

    source: Source
    number: int
    text: str
    what: str = ""


def calls_of(name: str, sources: Sequence[Source]) -> list[Line]:
    """Lines that call a name, those of tests last; where none does, lines that mention it in code.

    Its definition does not count, nor do comments, documentation and texts in quotes.
    """
    mention = re.compile(rf"(?<![\w]){re.escape(name)}(?!\w)")
    call = re.compile(rf"(?<![\w]){re.escape(name)}\s*(?:<[^>]*>)?\(")
    found = [
        (line, code)
        for line in _code_lines(sources)
        if mention.search(code := _TEXT.sub('""', line.text).partition(" #")[0].partition(" //")[0])
        and not (_DEFINITION.search(code) and not call.search(_body(code)))
    ]
    calls = [line for line, code in found if call.search(code)]
    return sorted(calls or [line for line, _ in found], key=lambda line: is_test(line.source))


def suspicions(sources: Sequence[Source]) -> list[Line]:
    """Lines that often mean trouble, with the kind of trouble."""
    lines = _code_lines(sources, comments=True)
    return [
        Line(line.source, line.number, line.text, what)
        for line in lines
        for what, pattern in _SUSPICIONS
        if pattern.search(line.text)
    ]


def example_in(source: Source) -> str | None:
    """The first code block of a text, its beginning if it is long."""
    match = _FENCE.search(source.text) or RST_BLOCK.search(source.text)
    if match is None:
        return None
    lines = textwrap.dedent(match.group(1)).strip("\n").splitlines()
    return "\n".join(line.rstrip() for line in lines[:_MOST_EXAMPLE_LINES])


def _body(line: str) -> str:
    """What follows the head of a definition on the same line."""
    return line.partition(":")[2] or line.partition("{")[2]


def _code_lines(sources: Sequence[Source], *, comments: bool = False) -> Iterator[Line]:
    for source in sources:
        if source.language in PROSE:
            continue
        documentation = set() if comments else documentation_lines(source)
        for offset, text in enumerate(source.text.splitlines()):
            stripped = text.strip()
            if stripped and offset not in documentation and (comments or not stripped.startswith(_COMMENT)):
                yield Line(source, source.start_line + offset, stripped[:_LONGEST_LINE])

"""Prose by its headings: a section is to a document what a definition is to code."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from docgen_server.core.analysis.model import Definition, Outline

_ATX = re.compile(r"^ {0,3}(#{1,6})\s+(.*?)\s*#*\s*$")
_SETEXT = re.compile(r"^ {0,3}(=+|-+)\s*$")
_FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,})")
_RST_ADORNMENT = re.compile(r"^([!-/:-@\[-`{-~])\1{2,}\s*$")
_SHORTEST_PARAGRAPH = 40
_MARKED = re.compile(r"^\s*(\.\. |:\w[^:]*:|[|<#>!\[]|---|===|\w+:\s)")
_RST_TARGET = re.compile(r"^\s*(\.\. |:\w)")


@dataclass(frozen=True, slots=True)
class _Heading:
    title: str
    level: int
    line: int


def parse_markdown(lines: Sequence[str]) -> Outline:
    """Sections of a Markdown document; headings inside code fences are text."""
    return _outline(list(_markdown_headings(lines)), lines)


def parse_rst(lines: Sequence[str]) -> Outline:
    """Sections of a reStructuredText document; the order of first use decides the level of an adornment."""
    return _outline(list(_rst_headings(lines)), lines)


def _markdown_headings(lines: Sequence[str]) -> Iterator[_Heading]:
    fence = ""
    for index, line in enumerate(lines):
        if match := _FENCE.match(line):
            if not fence:
                fence = match[1][:3]
            elif match[1].startswith(fence):
                fence = ""
            continue
        if fence:
            continue
        if match := _ATX.match(line):
            yield _Heading(match[2], len(match[1]), index + 1)
        elif index and (match := _SETEXT.match(line)) and _is_setext_title(lines, index - 1):
            yield _Heading(lines[index - 1].strip(), 1 if match[1][0] == "=" else 2, index)


def _is_setext_title(lines: Sequence[str], index: int) -> bool:
    text = lines[index]
    alone = index == 0 or not lines[index - 1].strip()
    return alone and bool(text.strip()) and not text.startswith(("    ", "#", ">", "-", "*", "|", "```"))


def _rst_headings(lines: Sequence[str]) -> Iterator[_Heading]:
    levels: dict[str, int] = {}
    for index in range(1, len(lines)):
        line, title = lines[index], lines[index - 1]
        if not _RST_ADORNMENT.match(line) or not title.strip() or (title[0].isspace() and len(line.strip()) < 4):
            continue
        if _RST_ADORNMENT.match(title) or _RST_TARGET.match(title) or len(line.rstrip()) < len(title.strip()) - 2:
            continue
        overlined = index > 1 and lines[index - 2].rstrip() == line.rstrip()
        if not overlined and index > 1 and lines[index - 2].strip():
            continue
        level = levels.setdefault(line[0] + ("^" if overlined else ""), len(levels) + 1)
        yield _Heading(title.strip(), level, index - 1 if overlined else index)


def _outline(headings: Sequence[_Heading], lines: Sequence[str]) -> Outline:
    definitions: list[Definition] = []
    trail: list[tuple[_Heading, Definition]] = []
    for heading in headings:
        while trail and trail[-1][0].level >= heading.level:
            trail.pop()[1].end_line = heading.line - 1
        parent = trail[-1][1] if trail else None
        section = Definition(
            name=heading.title[:200],
            qualified_name=f"{parent.qualified_name} > {heading.title}"[-300:] if parent else heading.title[:300],
            kind="section",
            start_line=heading.line,
            line=heading.line,
            end_line=len(lines),
            signature=lines[heading.line - 1].strip()[:300],
            depth=parent.depth + 1 if parent else 0,
        )
        definitions.append(section)
        trail.append((heading, section))
    return Outline(definitions=definitions, doc=_first_paragraph(lines))


def _first_paragraph(lines: Sequence[str]) -> str:
    """The first paragraph that reads like a sentence, without headings, badges and markup."""
    paragraph: list[str] = []
    is_fenced = False
    for line in [*lines[:200], ""]:
        is_fenced ^= bool(_FENCE.match(line))
        if line.strip():
            paragraph.append("|" if is_fenced else line)
            continue
        if _is_sentence(paragraph):
            return " ".join(text.strip() for text in paragraph)[:1000]
        paragraph = []
    return ""


def _is_sentence(paragraph: Sequence[str]) -> bool:
    if not paragraph or len("".join(paragraph)) < _SHORTEST_PARAGRAPH:
        return False
    is_marked = any(_MARKED.match(text) or _RST_ADORNMENT.match(text) for text in paragraph)
    return paragraph[0].lstrip("*_")[:1].isalnum() and not is_marked

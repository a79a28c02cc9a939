"""What a README says of its repository: its name, what it is, and how one begins with it."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from codemuse.contracts.common import Language
from docgen_server.core.analysis.model import Definition, Outline
from docgen_server.core.analysis.prose import parse_markdown, parse_rst
from docgen_server.core.analysis.text import split_lines
from docgen_server.core.documents.rst import to_markdown

_MARKUP = re.compile(r"<[^>]*>|!?\[([^\]]*)\]\([^)]*\)|!?\[([^\]]*)\]\[[^\]]*\]|[`*]|:[\w+-]+:(?=`)")
_GENERIC = re.compile(
    r"(?i)^(table of )?contents$|^(donations?|sponsors?|installation|install|usage|features|introduction|overview|about|readme"
    r"|getting started|quick ?start|documentation|license|requirements)\b|\?$"
)
_HOW_TO = (
    ("install", re.compile(r"(?i)\binstall|set ?up\b|requirements")),
    (
        "run",
        re.compile(
            r"(?i)\busage|quick ?start|getting started|example|running|run it|first steps|create it|basic\b|a simple"
        ),
    ),
    ("test", re.compile(r"(?i)\btest")),
)
_INSTALL = re.compile(
    r"(\$ )?(sudo )?(pip3?|npm|yarn|pnpm|uv|gem|cargo|go|brew|apt|apt-get|composer) (pip |global )?(install|i|add|get|require)\b"
)
_FENCE = re.compile(r"^\s{0,3}(```+|~~~+)\s*([\w+#.-]*)")
_PLAIN = re.compile(r"^[\w\"'(*_`\[가-힣]")
_NOT_PROSE = re.compile(r"^\s*(:\w[^:]*:|\.\. |[|>#!<]|\[!\[|\[\w[^\]]*\]:|[-*+] |\d+\. |=+$|-+$|~+$)")
_BADGES = re.compile(r"!\[[^\]]*\]\([^)]*\)|\[!\[.*?\]\([^)]*\)\]\([^)]*\)|\|\w[\w -]*\|")
_ABOUT_ELSE = re.compile(
    r"(?i)\b(sponsor|donat|funding|collective|announc|newsletter|follow us|discord|slack|star us|tidelift|subscription|maintainers)|^\*\*[\w ]+\*\*:"
)
_WHAT_IT_IS = re.compile(r"(?i)^(what('s| is| are)\b|about\b|introduction$|overview$|description$)")
_UNRESOLVED = re.compile(r"\[([^\]\[]+)\](?:\[[^\]]*\])?(?!\()")
_TAG = re.compile(r"<(?!https?:)[^>]*>")
_OPENING_LINES = 40
_MOST_PARAGRAPHS = 3
_MOST_CHARACTERS = 900
_MOST_EXCERPT_LINES = 30


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A piece of the README as Markdown, and where it stands."""

    text: str
    start_line: int
    end_line: int


@dataclass(frozen=True, slots=True)
class HowTo:
    """The code under a heading that tells how to begin."""

    purpose: str
    """``install``, ``run`` or ``test``."""
    title: str
    code: str
    language: str
    start_line: int
    end_line: int


@dataclass(frozen=True, slots=True)
class Readme:
    """What is taken from a README."""

    title: str = ""
    """The heading that names the whole, or nothing when it has none."""
    paragraphs: tuple[Paragraph, ...] = ()
    how_to: tuple[HowTo, ...] = ()


def read_readme(text: str, language: str) -> Readme:
    """Read a README.

    Args:
        text: Its text.
        language: ``markdown``, ``rst``, or anything else for plain text.
    """
    lines = split_lines(text)
    outline = parse_rst(lines) if language == Language.RST else parse_markdown(lines)
    first = next((item.line for item in outline.definitions if _WHAT_IT_IS.search(item.name)), 1)
    paragraphs = _paragraphs(lines, language, first) or _paragraphs(lines, language, 1)
    return Readme(_title(outline), tuple(paragraphs), tuple(_how_to(lines, outline, language)))


def plain(text: str) -> str:
    """A line of Markdown without its markup."""
    return " ".join(_MARKUP.sub(lambda match: match[1] or match[2] or "", text).split())


def _title(outline: Outline) -> str:
    """The heading above all others; one of several equals, or one that any README could have, names nothing."""
    headings = outline.definitions
    if not headings or headings[0].line > _OPENING_LINES:
        return ""
    first = headings[0]
    siblings = [item for item in headings[1:] if item.depth == first.depth]
    title = plain(first.name)
    is_alone = not siblings or any(item.depth > first.depth for item in headings[1:2])
    return title if is_alone and re.search(r"\w", title) and not _GENERIC.search(title) else ""


def _paragraphs(lines: Sequence[str], language: str, first: int) -> list[Paragraph]:
    """The first paragraphs from a line on that are prose, up to the heading after them."""
    found: list[Paragraph] = []
    size = 0
    for start, end in _blocks(lines):
        text = "\n".join(lines[start - 1 : end])
        clean = _BADGES.sub("", text).strip()
        if found and start > first and _is_heading(lines, start, end):
            break
        is_cut_off = bool(found) and clean.endswith(":")
        if start < first or is_cut_off or not _is_prose(clean) or _ABOUT_ELSE.search(clean):
            continue
        shown = to_markdown(clean.split("\n")).strip() if language == Language.RST else clean
        if size + len(shown) > _MOST_CHARACTERS and found:
            break
        found.append(Paragraph(_UNRESOLVED.sub(r"\1", _TAG.sub("", shown)), start, end))
        size += len(shown)
        if len(found) == _MOST_PARAGRAPHS:
            break
    return found


def _blocks(lines: Sequence[str]) -> list[tuple[int, int]]:
    """First and last line of what stands between blank lines and outside fences, counted from 1."""
    blocks: list[tuple[int, int]] = []
    start = 0
    is_fenced = False
    for number, line in enumerate([*lines[:400], ""], 1):
        if _FENCE.match(line):
            is_fenced = not is_fenced
            start = 0
            continue
        if line.strip() and not is_fenced:
            start = start or number
        elif start:
            blocks.append((start, number - 1))
            start = 0
    return blocks


def _is_heading(lines: Sequence[str], start: int, end: int) -> bool:
    first, last = lines[start - 1], lines[end - 1]
    return first.startswith("#") or (end > start and bool(re.match(r"^([=\-~^*#])\1{2,}\s*$", last)))


def _is_prose(text: str) -> bool:
    rows = text.split("\n")
    is_marked = any(_NOT_PROSE.match(row) for row in rows)
    return len(_TAG.sub("", text)) >= 40 and bool(_PLAIN.match(text)) and not is_marked


def _how_to(lines: Sequence[str], outline: Outline, language: str) -> list[HowTo]:
    found: dict[str, HowTo] = {}
    for section in outline.definitions:
        purpose = _purpose(section)
        if purpose is None or purpose in found:
            continue
        parts = _own_parts(outline, section, purpose)
        excerpts = (one for part in parts for one in _codes(lines, part, language))
        excerpt = next((one for one in excerpts if purpose != "run" or not _only_installs(one[0])), None)
        if excerpt is not None and all(excerpt[2] != one.start_line for one in found.values()):
            code, kind, start, end = excerpt
            found[purpose] = HowTo(purpose, plain(section.name), code, kind, start, end)
    return [found[name] for name, _ in _HOW_TO if name in found]


def _purpose(section: Definition) -> str | None:
    return next((name for name, pattern in _HOW_TO if pattern.search(section.name)), None)


def _own_parts(outline: Outline, section: Definition, purpose: str) -> Iterator[tuple[int, int]]:
    """First and last line of what a section says itself, then of those below it that serve no other purpose."""
    inner = [one for one in outline.definitions if section.line < one.line <= section.end_line]
    yield section.line, inner[0].line - 1 if inner else section.end_line
    for number, one in enumerate(inner):
        if _purpose(one) in {None, purpose}:
            yield one.line, inner[number + 1].line - 1 if number + 1 < len(inner) else section.end_line


def _only_installs(code: str) -> bool:
    return all(_INSTALL.match(line.strip()) for line in code.split("\n") if line.strip())


def _codes(lines: Sequence[str], place: tuple[int, int], language: str) -> Iterator[tuple[str, str, int, int]]:
    """Blocks of code between two lines, of a length to show: text, language, first and last line."""
    first, last = place
    part = lines[first - 1 : last]
    if language == Language.RST:
        found = _first_rst_code(part, first)
        yield from [found] if found else []
        return
    marks = [(index, mark) for index, line in enumerate(part) if (mark := _FENCE.match(line))]
    for (start, mark), (end, _) in zip(marks[::2], marks[1::2], strict=False):
        if 1 < end - start <= _MOST_EXCERPT_LINES:
            yield "\n".join(part[start + 1 : end]), mark[2], first + start + 1, first + end - 1


def _first_rst_code(part: Sequence[str], first: int) -> tuple[str, str, int, int] | None:
    for index, line in enumerate(part):
        directive = re.match(r"^\s*\.\. (?:code-block|code|sourcecode)::\s*(\w*)", line)
        if not directive and (not line.rstrip().endswith("::") or line.lstrip().startswith("..")):
            continue
        rows = index + 1
        while rows < len(part) and (not part[rows].strip() or part[rows].lstrip().startswith(":")):
            rows += 1
        end = rows
        while end < len(part) and (not part[end].strip() or part[end][0].isspace()):
            end += 1
        block = list(part[rows:end])
        while block and not block[-1].strip():
            block.pop()
        if block and block[0][:1].isspace() and len(block) <= _MOST_EXCERPT_LINES:
            margin = min(len(row) - len(row.lstrip()) for row in block if row.strip())
            kind = directive[1] if directive else ""
            return "\n".join(row[margin:] for row in block), kind, first + rows, first + rows + len(block) - 1
    return None

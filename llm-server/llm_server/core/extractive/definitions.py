"""The parts of a passage: what is asked about may be the third function of a class, or one section of a guide."""

import re
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace

from codemuse.contracts.sources import Source
from llm_server.core.extractive.passages import PROSE, sentences, words

_HEAD = re.compile(
    r"(?:(?:export|default|public|private|protected|internal|static|async|abstract|final|pub(?:\([^)]*\))?|unsafe|override|open|suspend)\s+)*"
    r"(?:def|class|func|fn|function|struct|interface|enum|trait|module|fun)\s+(?:\([^)]*\)\s*)?(?P<name>[A-Za-z_$][\w$]*)"
)
_ABOVE = ("@", "#", "//", "/*", "*")
_CLOSING = (")", "]", "}")
_HEADING = re.compile(r"#{1,6}\s+(?P<name>.+?)\s*#*$")
_UNDERLINE = re.compile(r"([=\-~^\"'`*+#.:_])\1{2,}$")
_MOST_LINES = 0.8
_CLEARLY = 0.3
"""By so much of the question must a definition fit better than the one that the passage begins with."""


@dataclass(frozen=True, slots=True)
class Part:
    """A definition or a section; its lines are positions in the passage, both inclusive."""

    name: str
    first: int
    last: int
    margin: int = 0
    owner: str = ""


def narrow(source: Source, names: Sequence[str], asked: AbstractSet[str]) -> Source:
    """What of a passage is asked about by name, or else fits clearly best; otherwise all of it.

    Args:
        source: The passage.
        names: Names of code in the question.
        asked: Words of the question.
    """
    lines = source.text.splitlines()
    parts = list(_sections(lines) if source.language in PROSE else _definitions(lines))
    named = next((part for name in names for part in parts if part.name == name), None)
    if named is not None:
        return _cut(source, lines, named)
    if source.symbol is None and parts and _covers(parts[0], lines):
        source = _cut(source, lines, parts[0])
        return source if len(parts) == 1 else narrow(source, names, asked)
    if len(parts) < 2:
        return source
    fits = [_fit(_cut(source, lines, _own(part, parts)), asked) for part in parts]
    best = max(range(len(parts)), key=lambda index: (fits[index], -index))
    clearly = 0.0 if source.language in PROSE else _CLEARLY
    return _cut(source, lines, parts[best]) if fits[best] > fits[0] + clearly else source


def defines(source: Source, name: str, *, inside: bool = True) -> bool:
    """Whether a passage is, or holds, the definition of a name; ``inside`` counts those in functions and classes too."""
    if source.language in PROSE:
        return False
    if (source.symbol or "").rsplit(".", 1)[-1] == name:
        return True
    return any(part.name == name and (inside or not part.margin) for part in _definitions(source.text.splitlines()))


def is_headed(source: Source, term: str) -> bool:
    """Whether a text has a section on a term."""
    parts = _sections(source.text.splitlines()) if source.language in PROSE else ()
    return any(words(term) <= words(part.name) for part in parts)


def says_what(source: Source, term: str) -> bool:
    """Whether a sentence of a passage says what a term is."""
    saying = re.compile(
        rf"\b{re.escape(term)}s?[`*]*(?: \w+)? (?:is|are|lets?|links?|takes?|runs?|calls?|means|consists|applies|groups)\b",
        re.IGNORECASE,
    )
    return any(saying.search(sentence.text) for sentence in sentences(source, words(term)))


def _covers(part: Part, lines: Sequence[str]) -> bool:
    return part.last - part.first + 1 >= _MOST_LINES * len(lines)


def _definitions(lines: Sequence[str]) -> Iterator[Part]:
    above: list[Part] = []
    for position, line in enumerate(lines):
        match = _HEAD.match(line.lstrip())
        if match is None:
            continue
        margin = _margin(line)
        last = position
        for later in range(position + 1, len(lines)):
            text = lines[later]
            if text.strip() and _margin(text) <= margin and not text.lstrip().startswith(_CLOSING):
                break
            last = later if text.strip() else last
        first = position
        while first > 0 and lines[first - 1].strip().startswith(_ABOVE):
            first -= 1
        owner = next((part.name for part in reversed(above) if part.margin < margin), "")
        part = Part(match["name"], first, last, margin, owner)
        above.append(part)
        yield part


def _sections(lines: Sequence[str]) -> Iterator[Part]:
    begun: Part | None = None
    fenced = False
    for position, line in enumerate(lines):
        fenced ^= line.lstrip().startswith("```")
        name = "" if fenced else _heading(lines, position)
        if name:
            if begun is not None:
                yield replace(begun, last=position - 1)
            begun = Part(name, position, position)
    if begun is not None:
        yield replace(begun, last=len(lines) - 1)


def _heading(lines: Sequence[str], position: int) -> str:
    match = _HEADING.match(lines[position])
    if match is not None:
        return match["name"]
    text, below = lines[position].strip(), lines[position + 1].strip() if position + 1 < len(lines) else ""
    return text if text and _UNDERLINE.match(below) and len(below) >= len(text) and not _UNDERLINE.match(text) else ""


def _own(part: Part, parts: Sequence[Part]) -> Part:
    """A part up to the first of those inside it."""
    return replace(
        part, last=min((one.first - 1 for one in parts if part.first < one.first <= part.last), default=part.last)
    )


def _cut(source: Source, lines: Sequence[str], part: Part) -> Source:
    owner = part.owner or ((source.symbol or "").split(".")[0] if part.margin else "")
    is_member = source.language not in PROSE and owner not in {"", part.name}
    return source.model_copy(
        update={
            "text": "\n".join(lines[part.first : part.last + 1]),
            "start_line": source.start_line + part.first,
            "end_line": source.start_line + part.last,
            "symbol": f"{owner}.{part.name}" if is_member else part.name,
        }
    )


def _fit(source: Source, asked: AbstractSet[str]) -> float:
    named = len(words(source.symbol or "") & asked) / (len(asked) or 1)
    return named + max((sentence.fit for sentence in sentences(source, asked)), default=0.0)


def _margin(line: str) -> int:
    return len(line) - len(line.lstrip())

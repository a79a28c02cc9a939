"""A document as sections: each has a name that lasts, the places in the source that it rests on, and its text.

What a person writes into a page is kept beside what was generated, section by section, so that either side can change.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import orjson

from docgen_server.core.analysis.prose import parse_markdown


@dataclass(frozen=True, slots=True)
class Source:
    """Lines that a section was written from; lines count from 1, both ends included."""

    path: str
    blob: str
    """Git object id of the file's content at the time."""
    start_line: int
    end_line: int


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a page. Its text begins with its heading."""

    key: str
    """Lasts from commit to commit: ``about``, ``symbol:Cart.buy``."""
    text: str
    digest: str = ""
    """Hash of everything that the generated text was made from."""
    sources: tuple[Source, ...] = ()
    generated: str | None = None
    """What the generator wrote last, where ``text`` is a person's; empty when it has nothing to say there any more."""
    base: str | None = None
    """The generated text that a person's edit took into account, while a newer one contradicts it."""
    model: str = ""
    """The language model that wrote the generated text; empty where it comes from the facts alone."""

    @property
    def is_edited(self) -> bool:
        """Whether the text is a person's."""
        return self.generated is not None

    @property
    def is_conflicting(self) -> bool:
        """Whether code and edit have changed the same lines, and nobody has decided yet."""
        return self.base is not None

    def written_by_machine(self) -> str:
        """The latest generated text."""
        return self.text if self.generated is None else self.generated

    def resolved(self, *, keep_edit: bool) -> "Section":
        """The section once a person has decided between edit and generated text."""
        if keep_edit or self.generated is None:
            return replace(self, base=None)
        return replace(self, text=self.generated, generated=None, base=None)


@dataclass(frozen=True, slots=True)
class SectionPlan:
    """A section that a page should have: which block of the template writes it, from which facts."""

    key: str
    block: str
    facts: dict[str, Any] = field(default_factory=dict)
    sources: tuple[Source, ...] = ()
    model: str = ""
    """The language model that wrote what it says, if one did."""


def join_sections(sections: Iterable[Section]) -> str:
    """The text of the whole page."""
    return "\n\n".join(text for section in sections if (text := section.text.strip("\n"))) + "\n"


def split_by_sections(text: str, before: Sequence[Section]) -> list[tuple[str, str]]:
    """Find the sections of a page again in a person's version of it.

    Headings are what both have in common: those of the edited text are aligned with those of the sections, in order. A
    heading that was renamed keeps its place between its neighbours; a section whose heading is gone becomes part of the
    one before it. Joining the parts gives the text back, line by line.

    Args:
        text: The edited page.
        before: The sections it was edited from, in order.

    Returns:
        Key and text of each section that is still there.
    """
    lines = text.split("\n")
    wanted = [(section.key, _heading(section.text)) for section in before if section.text.strip()]
    headings = [(item.line - 1, lines[item.line - 1].strip()) for item in parse_markdown(lines).definitions]
    starts = _align(wanted, headings)
    if not starts:
        return [(before[0].key if before else "page", text)]
    parts: list[tuple[str, str]] = []
    for index, (key, start) in enumerate(starts):
        end = starts[index + 1][1] if index + 1 < len(starts) else len(lines)
        parts.append((key, "\n".join(lines[0 if index == 0 else start : end])))
    return parts


def encode_sections(sections: Iterable[Section]) -> bytes:
    """Sections as they are stored."""
    return orjson.dumps(list(sections))


def decode_sections(stored: bytes) -> list[Section]:
    """Sections as they were stored."""
    return [
        Section(**{**item, "sources": tuple(Source(**source) for source in item["sources"])})
        for item in orjson.loads(stored)
    ]


def _heading(text: str) -> str:
    lines = text.strip("\n").split("\n")
    found = parse_markdown(lines).definitions
    return lines[found[0].line - 1].strip() if found else ""


def _align(wanted: Sequence[tuple[str, str]], headings: Sequence[tuple[int, str]]) -> list[tuple[str, int]]:
    """Where each section begins. Equal headings in equal order are the same; the one heading between two of them too."""
    positions: dict[str, list[int]] = {}
    for index, (_, title) in enumerate(headings):
        positions.setdefault(title, []).append(index)
    found: list[int | None] = []
    last = -1
    for _, title in wanted:
        place = next((one for one in positions.get(title, ()) if one > last), None) if title else None
        found.append(place)
        last = last if place is None else place
    _fill_gaps(found, len(headings), {title for _, title in wanted}, headings)
    return [(key, headings[index][0]) for (key, _), index in zip(wanted, found, strict=True) if index is not None]


def _fill_gaps(found: list[int | None], count: int, known: set[str], headings: Sequence[tuple[int, str]]) -> None:
    """A single lost heading between two that were found is the first unknown one of its depth there: it was renamed."""
    for number, index in enumerate(found):
        if index is not None:
            continue
        low = max((one for one in found[:number] if one is not None), default=-1)
        high = min((one for one in found[number + 1 :] if one is not None), default=count)
        depth = _depth(headings[low][1]) if low >= 0 else 1
        unknown = (one for one in range(low + 1, high) if headings[one][1] not in known)
        renamed = next((one for one in unknown if _depth(headings[one][1]) <= max(depth, 2)), None)
        if renamed is not None and _alone(found, number):
            found[number] = renamed


def _alone(found: Sequence[int | None], number: int) -> bool:
    before = number == 0 or found[number - 1] is not None
    after = number + 1 == len(found) or found[number + 1] is not None
    return before and after


def _depth(heading: str) -> int:
    return len(heading) - len(heading.lstrip("#")) or 1

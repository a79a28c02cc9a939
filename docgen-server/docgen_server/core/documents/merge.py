"""Brings a person's edits and newly generated text together, section by section; nothing of either is lost."""

import re
from collections.abc import Sequence
from dataclasses import replace
from difflib import SequenceMatcher

from merge3 import Merge3

from docgen_server.core.documents.sections import Section, split_by_sections

_PLACE = re.compile(r":\d+(?:-\d+)?(?=`)")


def merge_sections(before: Sequence[Section], generated: Sequence[Section]) -> list[Section]:
    """The sections of a page after it was generated again.

    Untouched sections become what was generated. In an edited one both changes are taken in where they concern different
    lines; where they concern the same, the edit stays in place and the section is marked as conflicting.

    Args:
        before: The sections as they stand.
        generated: What the generator writes now, in its order.
    """
    known = {section.key: section for section in before}
    merged = [_merge(known[one.key], one) if one.key in known else one for one in generated]
    fresh = {section.key for section in generated}
    for index, section in enumerate(before):
        if section.key in fresh or not section.is_edited or not section.text.strip():
            continue
        is_known = section.generated == ""
        orphan = section if is_known else replace(section, generated="", digest="", base=section.written_by_machine())
        merged.insert(_place(merged, before[:index]), orphan)
    return merged


def apply_edit(before: Sequence[Section], text: str) -> list[Section]:
    """The sections of a page after a person has changed its text.

    Args:
        before: The sections as they were shown.
        text: The whole page as the person wants it.
    """
    parts = dict(split_by_sections(text, before))
    return [_edited(section, parts.get(section.key, "")) for section in before]


def _merge(old: Section, new: Section) -> Section:
    if not old.is_edited:
        return new
    base = old.base if old.base is not None else old.written_by_machine()
    if _same(base, new.text):
        return replace(new, text=old.text, generated=new.text)
    base, ours = _with_new_places(base, old.text, new.text)
    merge = Merge3(_lines(base), _lines(ours), _lines(new.text))
    has_conflict = any(region[0] == "conflict" for region in merge.merge_regions())
    text = old.text if has_conflict else "".join(merge.merge_lines()).rstrip("\n")
    if _same(text, new.text):
        return new
    return replace(new, text=text, generated=new.text, base=base if has_conflict else None)


def _with_new_places(base: str, edited: str, generated: str) -> tuple[str, str]:
    """Base and edit with the line numbers of their citations brought up to date: they change without saying anything."""
    before, after = base.strip("\n").split("\n"), generated.strip("\n").split("\n")
    matcher = SequenceMatcher(None, [_mask(line) for line in before], [_mask(line) for line in after])
    renewed = {
        before[start + offset]: after[match + offset]
        for start, match, size in matcher.get_matching_blocks()
        for offset in range(size)
        if before[start + offset] != after[match + offset]
    }
    first, second = (
        "\n".join(renewed.get(line, line) for line in text.strip("\n").split("\n")) for text in (base, edited)
    )
    return first, second


def _mask(line: str) -> str:
    return _PLACE.sub(":0", line)


def _edited(section: Section, text: str) -> Section:
    if _same(text, section.text):
        return section
    machine = section.written_by_machine()
    if _same(text, machine):
        return replace(section, text=machine, generated=None, base=None)
    return replace(section, text=text.strip("\n"), generated=machine, base=None)


def _place(merged: Sequence[Section], before: Sequence[Section]) -> int:
    """Behind the nearest section that stood before it and still does."""
    positions = {section.key: index for index, section in enumerate(merged)}
    return next((positions[one.key] + 1 for one in reversed(before) if one.key in positions), 0)


def _same(one: str, other: str) -> bool:
    return one.strip("\n") == other.strip("\n")


def _lines(text: str) -> list[str]:
    return [f"{line}\n" for line in text.strip("\n").split("\n")]

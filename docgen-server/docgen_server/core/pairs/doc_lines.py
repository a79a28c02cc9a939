"""Finds the lines that a doc comment stands on, in whatever language, by its own words."""

import re
from collections.abc import Iterable, Sequence

_MARKS = " \t/*!#;-<>\"'`|"
_TAG = re.compile(r"</?[A-Za-z][^>]*>")
_BLANKS = re.compile(r"\s+")
_ANNOTATION = re.compile(r"\s*(@|\[|#\[|#!\[)")
_MOST_ABOVE = 150
_SIGNATURE_LINES = 40

Span = tuple[int, int]
"""First and last line, counted from 1."""


def find_doc_lines(lines: Sequence[str], line: int, last: int, doc: str) -> Span | None:
    """The lines of a doc comment, above its definition or at the beginning of it.

    Args:
        lines: The file.
        line: The line that the definition begins on, without decorators.
        last: Where it ends.
        doc: The comment without its marks.
    """
    wanted = {bare(text) for text in doc.splitlines()} - {""}
    above = range(line - 1, max(0, line - 1 - _MOST_ABOVE), -1)
    inside = range(line + 1, min(last, len(lines)) + 1)
    return _block(lines, above, wanted, 0) or _block(lines, inside, wanted, _SIGNATURE_LINES)


def still_says(lines: Sequence[str], line: int, last: int, hidden: Span, words: str) -> bool:
    """Whether the words stand in the definition even without the hidden lines."""
    numbers = range(min(line, hidden[0]), min(last, len(lines)) + 1)
    left = [bare(lines[number - 1]) for number in numbers if not hidden[0] <= number <= hidden[1]]
    return bare(words) in " ".join(filter(None, left))


def with_what_stands_above(lines: Sequence[str], line: int) -> int:
    """Where the comments and decorators begin that stand right above a definition."""
    first = min(line, len(lines) + 1)
    while first > max(1, line - _MOST_ABOVE) and lines[first - 2].strip():
        first -= 1
    return first


def bare(line: str) -> str:
    """A line without comment marks, markup and extra blanks."""
    return _BLANKS.sub(" ", _TAG.sub("", line)).strip(_MARKS).lower()


def _block(lines: Sequence[str], numbers: Iterable[int], wanted: set[str], patience: int) -> Span | None:
    """The first run of wanted lines.

    Args:
        lines: The file.
        numbers: Where to look, in this order.
        wanted: Lines of the comment.
        patience: How many other lines may stand before it; what is empty or an annotation does not count.
    """
    found: list[int] = []
    for number in numbers:
        text = bare(lines[number - 1])
        if text in wanted:
            found.append(number)
        elif text and not (_ANNOTATION.match(lines[number - 1]) and not found):
            patience -= 1
            if found or patience < 0:
                break
    return (min(found), max(found)) if found else None

"""Fingerprints of runs of lines, so that equal blocks are found without comparing files with each other.

Winnowing (Schleimer, Wilkerson, Aiken: Winnowing: Local Algorithms for Document Fingerprinting, 2003) over lines instead of
characters: every run of :data:`RUN_LINES` significant lines has a hash, and of each window of neighbouring runs the
smallest one is kept. Equal blocks of ``RUN_LINES + WINDOW_RUNS - 1`` significant lines are sure to share a fingerprint.
"""

import re
import zlib
from collections.abc import Iterable, Iterator, Sequence

RUN_LINES = 10
WINDOW_RUNS = 6
_WEAK = re.compile(
    r"^[\W_]*$|^(?:#|//|\*|/\*|import\b|from\b|use\b|using\b|package\b|[\"'\d-])|^(\w+)\s*[=:]\s*\1,?$|^(?:return;?|pass|else:?)$"
)
_MARK = re.compile(r"[=({;]")
_STATEMENT = re.compile(r"->|[^.]:$|\b(?:return|raise|yield|throw)\b")
"""What tells code from prose where no mark does: asked for later, for it takes five times as long to look for."""
_GENERATED = re.compile(
    r"(?i)\bgenerated\b.{0,80}\b(?:by|from|with|using)\b|\b(?:automatically|auto-?) ?generated\b|\bdo not edit\b"
)
_HEADER_LINES = 12


def fingerprints(lines: Sequence[str], heads: Iterable[tuple[int, int]] = ()) -> list[tuple[int, int, int]]:
    """Hash, first and last line of the chosen runs, in line order.

    Only lines of code count: no punctuation, comments, prose, literals, imports, nor arguments that are handed on under
    their own name. A file that a program wrote has none: who copies there is the program.

    Args:
        lines: The file.
        heads: First and last line of what stands before the bodies of functions: parameters are alike on purpose.
    """
    if any(map(_GENERATED.search, lines[:_HEADER_LINES])):
        return []
    outside = {number for first, last in heads for number in range(first, last + 1)}
    significant = [item for item in _significant(lines) if item[0] not in outside]
    if len(significant) < RUN_LINES:
        return []
    codes = [code for _, code in significant]
    runs = [zlib.crc32(b"".join(codes[start : start + RUN_LINES])) for start in range(len(codes) - RUN_LINES + 1)]
    chosen: dict[int, None] = {}
    for start in range(max(len(runs) - WINDOW_RUNS + 1, 1)):
        window = runs[start : start + WINDOW_RUNS]
        smallest = min(window)
        chosen[start + len(window) - 1 - window[::-1].index(smallest)] = None
    return [(runs[at], significant[at][0], significant[at + RUN_LINES - 1][0]) for at in chosen]


def _significant(lines: Sequence[str]) -> Iterator[tuple[int, bytes]]:
    for number, line in enumerate(lines, 1):
        text = line.strip()
        if len(text) > 3 and (_MARK.search(text) or _STATEMENT.search(text)) and not _WEAK.match(text):
            yield number, zlib.crc32("".join(text.split()).encode()).to_bytes(4, "big")

"""Examples that doc comments set off by indentation alone, by two blanks or five: as fences they are shown as code."""

import re
from collections.abc import Sequence

_INDENTED = re.compile(r"^(?: {2,}|\t)\s*\S")
_ITEM = re.compile(r"^\s*(?:[-*+•]|\d+[.)])\s")
_FENCE = re.compile(r"^\s{0,3}(```+|~~~+)")


def fence_indented(lines: Sequence[str], language: str) -> list[str]:
    """The lines with every indented block that begins behind a blank line, and belongs to no list, in a fence.

    Args:
        lines: A text without its own indentation.
        language: What the blocks are written in.
    """
    output: list[str] = []
    is_fenced = is_list = False
    index = 0
    while index < len(lines):
        line = lines[index]
        is_fenced ^= bool(_FENCE.match(line))
        if not is_fenced and not is_list and _INDENTED.match(line) and _may_begin(output):
            end = _end(lines, index)
            margin = min(len(row) - len(row.lstrip()) for row in lines[index:end] if row.strip())
            output += [*([""] if output and output[-1].strip() else []), f"```{language}"]
            output += [*(row[margin:] for row in lines[index:end]), "```"]
            index = end
            continue
        if line.strip():
            is_list = bool(_ITEM.match(line)) or (is_list and bool(_INDENTED.match(line)))
        output.append(line)
        index += 1
    return output


def _may_begin(before: Sequence[str]) -> bool:
    return not before or not before[-1].strip() or before[-1].rstrip().endswith(":")


def _end(lines: Sequence[str], start: int) -> int:
    """Where a block ends; blank lines inside belong to it."""
    last = index = start
    while index < len(lines) and (not lines[index].strip() or _INDENTED.match(lines[index])):
        last = index if lines[index].strip() else last
        index += 1
    return last + 1

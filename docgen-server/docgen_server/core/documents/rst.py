"""Enough of reStructuredText to read it as Markdown: headings, code, links, roles, notes.

Documentation of Python projects is written in it. What is not understood stays as it is: nothing is lost, at worst it is
less pretty.
"""

import re
from collections.abc import Sequence

from docgen_server.core.analysis.prose import parse_rst

_DIRECTIVE = re.compile(r"^(\s*)\.\.\s+([\w:-]+)::\s*(.*)$")
_HIDDEN = re.compile(r"^\s*\.\.\s+(_[^:]+:\s*$|\[|\S+\|)|^\s*\.\.\s*$|^\s*\.\.\s+[^:]*$")
_CODE = frozenset({"code-block", "code", "sourcecode", "literalinclude", "parsed-literal"})
_NOTES = frozenset(
    {"note", "warning", "tip", "important", "admonition", "seealso", "versionadded", "versionchanged", "deprecated"}
)
_OPTION = re.compile(r"^\s+:[\w-]+:.*$")
_ROLE = re.compile(r":[\w:+-]+:`~?([^`<]+?)(?:\s*<[^`>]+>)?`")
_LINK = re.compile(r"`([^`<]+?)\s*<([^`>]+)>`__?")
_LITERAL = re.compile(r"``(.+?)``")
_ADORNMENT = re.compile(r"^([!-/:-@\[-`{-~])\1{2,}\s*$")


def to_markdown(lines: Sequence[str]) -> str:
    """The document as Markdown."""
    headings = {section.start_line: section for section in parse_rst(lines).definitions}
    output: list[str] = []
    number = 1
    while number <= len(lines):
        line = lines[number - 1]
        section = headings.get(number)
        if section is not None:
            output.append(f"{'#' * min(section.depth + 1, 6)} {section.name}")
            number += 1
            while number <= len(lines) and (
                _ADORNMENT.match(lines[number - 1]) or lines[number - 1].strip() == section.name
            ):
                number += 1
            continue
        directive = _DIRECTIVE.match(line)
        if directive:
            number = _directive(directive, lines, number, output)
        elif _HIDDEN.match(line):
            number = _after_block(lines, number, len(line) - len(line.lstrip()))
        elif line.rstrip().endswith("::"):
            shortened = line.rstrip()[:-1] if len(line.strip()) > 2 else ""
            output.append(_inline(shortened))
            number = _fenced("", lines, number + 1, len(line) - len(line.lstrip()), output)
        else:
            output.append(_inline(line))
            number += 1
    return "\n".join(output).strip() + "\n"


def _directive(match: re.Match[str], lines: Sequence[str], number: int, output: list[str]) -> int:
    """Render one directive; answers the line after it."""
    indent, name, argument = len(match[1]), match[2], match[3].strip()
    if name in _CODE:
        return _fenced(argument if name != "literalinclude" else "", lines, number + 1, indent, output)
    if name in _NOTES:
        output.append(f"> **{name.capitalize()}** {_inline(argument)}".rstrip())
        end = _after_block(lines, number, indent)
        output.extend(f"> {_inline(text.strip())}".rstrip() for text in lines[number : end - 1])
        return end
    if name in {"image", "figure"}:
        return _after_block(lines, number, indent)
    if argument:
        output.append(f"`{name}` {_inline(argument)}")
    return number + 1


def _fenced(language: str, lines: Sequence[str], number: int, indent: int, output: list[str]) -> int:
    """Render the indented block that begins here as code; answers the line after it."""
    end = _after_block(lines, number - 1, indent)
    block = list(lines[number - 1 : end - 1])
    while block and (not block[0].strip() or _OPTION.match(block[0])):
        block.pop(0)
    while block and not block[-1].strip():
        block.pop()
    if block:
        margin = min(len(text) - len(text.lstrip()) for text in block if text.strip())
        output += [f"```{language}", *(text[margin:] for text in block), "```", ""]
    return end


def _after_block(lines: Sequence[str], number: int, indent: int) -> int:
    """The first line below ``number`` that is indented no deeper than ``indent``."""
    end = number + 1
    while end <= len(lines) and (
        not lines[end - 1].strip() or len(lines[end - 1]) - len(lines[end - 1].lstrip()) > indent
    ):
        end += 1
    return end


def _inline(text: str) -> str:
    text = _LITERAL.sub(r"`\1`", text)
    text = _LINK.sub(r"[\1](\2)", text)
    return _ROLE.sub(r"`\1`", text)

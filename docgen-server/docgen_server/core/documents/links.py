"""Addresses between pages: ``/src/app.py#appcreate`` in the stored text, whatever an export needs elsewhere.

A page is addressed by its path in the document tree, a heading by its slug as GitHub makes it, which the web app, the
Markdown export and the static site agree on.
"""

import re
from collections.abc import Iterable

OVERVIEW_PATH = "/"
_DROPPED = re.compile(r"[^\w\- ]")
_INLINE = re.compile(r"(?<![`\w])`([A-Za-z_][\w.]*(?:\(\))?)`(?!`)")
_FENCE = re.compile(r"^\s{0,3}(```|~~~)")
_UNSAFE = re.compile(r"[\s()<>\"%]")


def slug(heading: str) -> str:
    """The anchor of a heading (https://github.com/Flet/github-slugger, without the numbers of repeated ones)."""
    return _DROPPED.sub("", heading.strip().lower()).replace(" ", "-")


def page_link(path: str, text: str = "", anchor: str = "") -> str:
    """A Markdown link to a page, or to a heading on it."""
    label = (text or path).replace("`", "")
    address = _UNSAFE.sub(lambda match: "".join(f"%{byte:02X}" for byte in match[0].encode()), path.lstrip("/"))
    return f"[`{label}`](/{address}{'#' + slug(anchor) if anchor else ''})"


def place(path: str, start_line: int, end_line: int) -> str:
    """A citation."""
    return f"`{path}:{start_line}-{end_line}`" if end_line > start_line else f"`{path}:{start_line}`"


class SymbolLinks:
    """Turns names in prose into links to where they are defined, when exactly one definition can be meant.

    Args:
        definitions: Path and qualified name of each definition that the page can see.
        own_path: The page itself, whose definitions go before others.
        asked: Takes up every name that is looked up.
    """

    def __init__(self, definitions: Iterable[tuple[str, str]], own_path: str, asked: set[str] | None = None) -> None:
        self._own = own_path
        self._asked = set() if asked is None else asked
        self._targets: dict[str, tuple[str, str] | None] = {}
        ordered = sorted(definitions, key=lambda item: item[0] != own_path)
        for path, name in ordered:
            for spelling in {name, name.rpartition(".")[2]}:
                self._note(spelling, path, name)

    def link(self, name: str) -> str:
        """A link to the definition, or the name as code."""
        target = self._find(name.removesuffix("()")) or self._find(name.removesuffix("()").rpartition(".")[2])
        if target is None:
            return f"`{name}`"
        path, qualified = target
        return page_link(path, name, qualified)

    def link_all(self, text: str) -> str:
        """The text with the names in its code spans linked; fences and existing links stay as they are."""
        lines: list[str] = []
        is_fenced = False
        for line in text.split("\n"):
            is_fenced ^= bool(_FENCE.match(line))
            lines.append(line if is_fenced or "](" in line else _INLINE.sub(self._replace, line))
        return "\n".join(lines)

    def _replace(self, match: re.Match[str]) -> str:
        name = match[1].removesuffix("()")
        if len(name) < 3:
            return match[0]
        self._asked.add(name)
        return self.link(match[1]) if name in self._targets else match[0]

    def _find(self, name: str) -> tuple[str, str] | None:
        self._asked.add(name)
        return self._targets.get(name)

    def _note(self, spelling: str, path: str, name: str) -> None:
        if spelling not in self._targets:
            self._targets[spelling] = (path, name)
            return
        known = self._targets[spelling]
        if known is not None and known[0] != self._own and known != (path, name):
            self._targets[spelling] = None

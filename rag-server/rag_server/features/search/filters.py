"""Turns a caller's filters into conditions of the store and, for globs, a check of the path."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from codemuse.contracts.rag import SearchFilters
from rag_server.core.store import Where

_WILDCARD = re.compile(r"[*?]")
_GLOB_PARTS = re.compile(r"\*\*/|\*\*|\*|\?|[^*?]+")
_TRANSLATED = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}


@dataclass(frozen=True, slots=True)
class Narrowing:
    """What the store can decide, and what is left to decide on its results."""

    where: Where
    accepts: Callable[[str], bool] | None


def narrow(filters: SearchFilters) -> Narrowing:
    """Read the filters; all of them must hold."""
    equal: dict[str, str | int] = {}
    if filters.language:
        equal["language"] = filters.language
    if filters.kind:
        equal["kind"] = filters.kind
    path = (filters.path or "").removeprefix("./").strip("/")
    if not path:
        return Narrowing(Where(equal=equal), None)
    if not _WILDCARD.search(path):
        return Narrowing(Where(equal={**equal, "folders": path}), None)
    folder = _WILDCARD.split(path, maxsplit=1)[0].rpartition("/")[0]
    if folder:
        equal["folders"] = folder
    pattern = re.compile(glob_expression(path))
    return Narrowing(Where(equal=equal), lambda candidate: pattern.fullmatch(candidate) is not None)


def glob_expression(glob: str) -> str:
    """A regular expression for a glob: ``*`` and ``?`` stay within a folder, ``**`` crosses folders."""
    return "".join(_TRANSLATED.get(part) or re.escape(part) for part in _GLOB_PARTS.findall(glob))

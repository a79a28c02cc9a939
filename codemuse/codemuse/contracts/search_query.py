r"""The query language of search, read in one way by whoever has to know what a query asks for.

    retry "exact phrase" -cache path:src/ -path:tests lang:go repo:api symbol:Client.send kind:class /on_\w+_error/

Whatever is no operator is a word. Reading is linear in the length of the query and never fails: what is wrong with a
filter is said by whoever applies it.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Field(StrEnum):
    """What a filter can be about."""

    PATH = "path"
    LANGUAGE = "lang"
    REPOSITORY = "repo"
    SYMBOL = "symbol"
    KIND = "kind"


Filters = Mapping[Field, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class SearchQuery:
    """A query taken apart."""

    words: str
    """What is no operator, in its order."""
    unfiltered: str
    """Everything but the filters, as it was written: the query of a search that knows no other operators."""
    phrases: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    """Words and phrases that must not stand in a result."""
    patterns: tuple[str, ...] = ()
    """Regular expressions, without their slashes."""
    filters: Filters = field(default_factory=dict)
    """Values of one field are alternatives; all fields must hold."""
    refused: Filters = field(default_factory=dict)
    """None of these may hold."""

    @property
    def has_operators(self) -> bool:
        """Whether anything but words was written."""
        return bool(self.phrases or self.excluded or self.patterns or self.filters or self.refused)


_NAMES = {"language": Field.LANGUAGE, "repository": Field.REPOSITORY, "file": Field.PATH} | {
    name.value: name for name in Field
}
_TOKEN = re.compile(
    rf"(?P<minus>-)?(?P<name>{'|'.join(_NAMES)}):(?:\"(?P<quoted_value>[^\"]+)\"|(?P<value>[^\s\"]\S*))"
    r"|(?P<not>-)?\"(?P<phrase>[^\"]+)\"(?!\w)"
    r"|/(?P<pattern>(?:\\.|[^/\\])+)/(?=\s|$)"
    r"|-(?P<excluded>\w+)(?=\s|$)"
    r"|(?P<word>\S+)",
    re.IGNORECASE,
)
_SPACE = re.compile(r"\s*")


def read_query(text: str) -> SearchQuery:
    """Take a query apart. An operator begins where a word could begin; a filter without a value is a word."""
    words: list[str] = []
    unfiltered: list[str] = []
    phrases: list[str] = []
    excluded: list[str] = []
    patterns: list[str] = []
    filters: dict[Field, list[str]] = {}
    refused: dict[Field, list[str]] = {}
    for found in _tokens(text):
        if name := found["name"]:
            into = refused if found["minus"] else filters
            into.setdefault(_NAMES[name.lower()], []).append(found["quoted_value"] or found["value"])
            continue
        unfiltered.append(found[0])
        if phrase := (found["phrase"] or "").strip():
            (excluded if found["not"] else phrases).append(phrase)
        elif pattern := found["pattern"]:
            patterns.append(pattern)
        elif word := found["excluded"]:
            excluded.append(word)
        elif word := found["word"]:
            words.append(word)
    return SearchQuery(
        words=" ".join(words),
        unfiltered=" ".join(unfiltered),
        phrases=tuple(phrases),
        excluded=tuple(excluded),
        patterns=tuple(patterns),
        filters=_frozen(filters),
        refused=_frozen(refused),
    )


def without_filter(text: str, name: Field) -> str:
    """The query without its filters of one field, everything else as it was written."""
    kept = [
        found[0]
        for found in _tokens(text)
        if not (found["name"] and _NAMES[found["name"].lower()] is name)
    ]  # fmt: skip
    return " ".join(kept)


def _tokens(text: str) -> Iterable[re.Match[str]]:
    position = 0
    while position < len(text):
        position = _SPACE.match(text, position).end()  # type: ignore[union-attr]
        found = _TOKEN.match(text, position)
        if found is None:
            return
        yield found
        position = found.end()


def _frozen(values: dict[Field, list[str]]) -> dict[Field, tuple[str, ...]]:
    return {name: tuple(dict.fromkeys(found)) for name, found in values.items()}

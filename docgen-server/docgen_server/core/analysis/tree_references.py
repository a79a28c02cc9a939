"""Mentions and bindings in a tree-sitter tree: what the captures of a query say, as the chains that linking reads.

Captures: ``@call``, ``@type``, ``@base``: something that is called, named as a type, or inherited from.
``@bind.name`` with ``@bind.type`` or ``@bind.value``: a variable, parameter or field and what it is.
``@returns``, beside a definition: the type that it gives back.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence

from tree_sitter import Node

from docgen_server.core.analysis.model import Binding, Reference, ReferenceKind

_KINDS = {"call": ReferenceKind.CALL, "type": ReferenceKind.TYPE, "base": ReferenceKind.BASE}
_LONGEST_TEXT = 400
_ARGUMENTS = re.compile(r"\([^()]*\)")
_SUBSCRIPT = re.compile(r"\[[^\[\]]*\]")
_GENERICS = re.compile(r"(?:::)?<[^<>]*>")
_SEPARATORS = re.compile(r"->|::|\?\.|!\.|!!\.|\\|(?<=\w)!|\s+")
_CHAIN = re.compile(r"^\w+(?:\.\w+|\(\)|\[\])*$")
_LAST = re.compile(r"\.(\w+)$")
_TYPE_MARKS = re.compile(
    r"\b(?:const|mut|dyn|impl|struct|readonly|final|ref|out|in|new|await|async|typename)\b|[&*?:'~]|\[\]"
)
_TYPE = re.compile(r"^[\w.]+$")
_NESTING = 4


def normalise(text: str) -> str | None:
    """A mention as a chain: arguments and generics left out, every separator a dot; ``?.name`` when its begin is no name."""
    if len(text) > _LONGEST_TEXT:
        return None
    text = text.removeprefix("new ")
    for _ in range(_NESTING):
        text = _ARGUMENTS.sub("\0", text)
    text = text.replace("\0", "()")
    for _ in range(_NESTING):
        text = _GENERICS.sub("", text)
        text = _SUBSCRIPT.sub("\1", text)
    text = text.replace("\1", "[]").replace("$", "").replace("@", "").lstrip("&*!")
    text = _SEPARATORS.sub(lambda match: "." if not match[0].isspace() else "", text).strip(".")
    if _CHAIN.match(text):
        return text
    last = _LAST.search(text)
    return f"?.{last[1]}" if last else None


def type_name(text: str) -> str | None:
    """The name of the type in a type expression: ``*http.Request`` is ``http.Request``, ``List<Foo>`` is ``List``."""
    if len(text) > _LONGEST_TEXT:
        return None
    for _ in range(_NESTING):
        text = _GENERICS.sub("", text)
        text = _SUBSCRIPT.sub("", text)
    name = _TYPE_MARKS.sub("", text.replace("::", ".").replace("\\", ".").split("|", 1)[0]).strip(" .")
    return name if _TYPE.match(name) else None


class TreeReferences:
    """Gathers mentions while a query runs, and places them once the definitions are known."""

    def __init__(self) -> None:
        self._mentions: list[tuple[int, str, Node]] = []
        self._bindings: list[tuple[int, str, str]] = []
        self._returns: dict[int, str] = {}

    def add(self, captures: Mapping[str, Sequence[Node]]) -> None:
        """Take what belongs here from the captures of one match."""
        for capture, nodes in captures.items():
            if capture in _KINDS:
                self._mentions += [(node.start_byte, capture, node) for node in nodes]
        if names := captures.get("bind.name"):
            self._bind(names, captures)
        if returned := captures.get("returns"):
            name = captures["name"][0]
            if found := type_name(_text(returned[0])):
                self._returns[name.start_byte] = found

    def _bind(self, names: Sequence[Node], captures: Mapping[str, Sequence[Node]]) -> None:
        types, values = captures.get("bind.type"), captures.get("bind.value")
        found = type_name(_text(types[0])) if types else None
        value = f":{found}" if found else normalise(_text(values[0])) if values else None
        if value and not value.startswith("?"):
            self._bindings += [(node.start_byte, _text(node).lstrip("$@"), value) for node in names]

    def place(self, extents: Sequence[tuple[int, int]], names: Sequence[int]) -> tuple[list[Reference], list[Binding]]:
        """References and bindings by scope.

        Args:
            extents: First and last byte of each definition, in source order.
            names: Where the name of each definition begins.
        """
        own = set(names)
        scopes = _Scopes(extents)
        found: dict[tuple[int, ReferenceKind, str], int] = {}
        for start, capture, node in sorted(self._mentions, key=lambda item: item[0]):
            chain = normalise(_text(node)) if start not in own else None
            if chain := (chain or "").removesuffix("()"):
                key = (scopes.at(start), _KINDS[capture], chain)
                found.setdefault(key, node.end_point.row + 1)
        references = [Reference(scope, kind, chain, line) for (scope, kind, chain), line in found.items()]
        bindings = [
            Binding(scope, name, value, scope) for start, name, value in self._bindings for scope in [scopes.at(start)]
        ]
        bindings += list(self._returned(names))
        return references, list(dict.fromkeys(bindings))

    def _returned(self, names: Sequence[int]) -> Iterator[Binding]:
        for ordinal, start in enumerate(names):
            if start in self._returns:
                yield Binding(ordinal, "return", f":{self._returns[start]}", ordinal)


class _Scopes:
    """Finds the innermost definition at a byte."""

    def __init__(self, extents: Sequence[tuple[int, int]]) -> None:
        self._starts = [start for start, _ in extents]
        self._ends = [end for _, end in extents]
        self._outer: list[int] = []
        trail: list[int] = []
        for ordinal, (start, _) in enumerate(extents):
            while trail and self._ends[trail[-1]] <= start:
                trail.pop()
            self._outer.append(trail[-1] if trail else -1)
            trail.append(ordinal)

    def at(self, position: int) -> int:
        """Ordinal of the definition, or -1."""
        ordinal = bisect_right(self._starts, position) - 1
        while ordinal >= 0 and self._ends[ordinal] <= position:
            ordinal = self._outer[ordinal]
        return ordinal


def _text(node: Node) -> str:
    return (node.text or b"").decode("utf-8", "replace")

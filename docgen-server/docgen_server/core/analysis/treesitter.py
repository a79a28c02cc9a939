"""One engine for all tree-sitter grammars: a query file names the nodes, this turns them into an outline.

Captures a query may use:
    ``@definition.<kind>`` with ``@name``: a definition; ``@owner`` names the type that it belongs to elsewhere (a Go
    receiver), ``@body`` where its signature ends. ``@scope`` with ``@name``: a container that is no definition itself
    (a Rust ``impl``). ``@import``: the text that names a dependency. ``@branch``: counts for complexity.
    ``@leading``: a comment or attribute that belongs to the definition below it. Mentions: see ``tree_references``.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from tree_sitter import Language, Node, Parser, Query, QueryCursor

from docgen_server.core.analysis.grammars import Grammar
from docgen_server.core.analysis.model import CONTAINER_KINDS, Definition, Import, Outline
from docgen_server.core.analysis.tree_imports import imported_names
from docgen_server.core.analysis.tree_references import TreeReferences

_LARGEST_SIGNATURE = 400
_WRAPPERS = frozenset({
    "export_statement", "decorated_definition", "template_declaration", "ambient_declaration", "type_declaration",
    "expression_statement",
})  # fmt: skip
_COMMENT_MARKS = re.compile(
    r"^\s*(?:/\*\*?|\*/|\*(?!/)|///?!?|//!?|#+!?|--+\[*|@(?:module)?doc\s*~?S?\"*)\s?|\s*(?:\*/|\]\])\s*$"
)
_DECORATOR = re.compile(r"(?:^|\s)(?:@|#!?\[|^\s*\[)([A-Za-z_][\w.:]*)")
_GENERAL_KINDS = frozenset({"variable", "type"})
_ANNOTATIONS = ("#[", "#![", "[", "@")
_CALLABLE_TAG = re.compile(r"@(?:param|returns?|throws)\b")
_LONGEST_APART = 200
_QUOTES = "\"'`<> \t"
_OPERATOR = re.compile(r"(?:.*\boperator\s*)?[^\w\s\"'`]+")


@dataclass(slots=True)
class _Match:
    """A definition as the query found it, before it is placed."""

    node: Node
    name: Node
    kind: str
    owner: Node | None
    body: Node | None

    @property
    def precision(self) -> tuple[bool, bool]:
        """Orders several patterns that found the same name."""
        return self.kind not in _GENERAL_KINDS, self.body is not None


@cache
def _compiled(grammar: Grammar) -> tuple[Parser, Query]:
    language = Language(grammar.load())
    source = files(__package__).joinpath("queries", f"{grammar.query}.scm").read_text(encoding="utf-8")
    return Parser(language), Query(language, source)


class TreeSitterParser:
    """Reads one file with one grammar."""

    def __init__(self, grammar: Grammar, text: str, lines: Sequence[str]) -> None:
        self._grammar = grammar
        self._source = text.encode("utf-8", "replace")
        self._lines = lines
        self._leading: dict[int, int] = {}
        """Last line of each leading node, with its first line."""
        self._mentions = TreeReferences()

    def parse(self) -> Outline:
        """Outline of the file; a syntax error costs only the part that it is in."""
        parser, query = _compiled(self._grammar)
        root = parser.parse(self._source).root_node
        matches: dict[int, _Match] = {}
        branches: list[int] = []
        outline = Outline()
        for _, captures in QueryCursor(query).matches(root):
            self._sort(captures, matches, branches, outline)
        placed = [pair for pair in self._place(matches.values(), branches) if pair[1].kind != "scope"]
        outline.definitions = [definition for _, definition in placed]
        extents = [(match.node.start_byte, match.node.end_byte) for match, _ in placed]
        names = [match.name.start_byte for match, _ in placed]
        outline.references, outline.bindings = self._mentions.place(extents, names)
        outline.doc = self._module_doc(outline.definitions)
        if self._grammar.is_strict and root.has_error:
            outline.syntax_error_line = _first_error(root)
        return outline

    def _sort(
        self, captures: dict[str, list[Node]], matches: dict[int, _Match], branches: list[int], outline: Outline
    ) -> None:
        self._mentions.add(captures)
        for capture, nodes in captures.items():
            if capture == "branch":
                branches.extend(node.start_byte for node in nodes)
            elif capture == "leading":
                for node in nodes:
                    self._leading[_last_line(node)] = node.start_point.row + 1
            elif capture == "import":
                outline.imports.extend(self._import(node) for node in nodes)
            elif capture == "scope" or capture.startswith("definition."):
                name = captures["name"][0]
                owner, body = captures.get("owner"), captures.get("body")
                found = _Match(
                    nodes[0],
                    name,
                    capture.removeprefix("definition."),
                    owner[0] if owner else None,
                    body[0] if body else None,
                )
                known = matches.get(name.start_byte)
                if known is None or found.precision > known.precision:
                    matches[name.start_byte] = found

    def _import(self, node: Node) -> Import:
        target = " ".join(_text(node).strip(_QUOTES).split())[:500]
        names, bound = imported_names(self._grammar.query, node, target)
        return Import(target, node.start_point.row + 1, names, bound=bound)

    def _place(self, matches: Iterable[_Match], branches: list[int]) -> Iterator[tuple[_Match, Definition]]:
        """Nest definitions by their extent, in source order, and give each branch to the function it is in."""
        branches.sort()
        stack: list[tuple[int, Definition]] = []
        for match in sorted(matches, key=lambda item: (item.node.start_byte, -item.node.end_byte)):
            while stack and stack[-1][0] <= match.node.start_byte:
                stack.pop()
            parent = stack[-1][1] if stack else None
            definition = self._define(match, parent)
            first, last = match.node.start_byte, match.node.end_byte
            definition.complexity = 1 + bisect_right(branches, last) - bisect_left(branches, first)
            stack.append((last, definition))
            yield match, definition

    def _define(self, match: _Match, parent: Definition | None) -> Definition:
        *outer_names, name = _bare(_text(match.name))[:300].split("::")
        kind = match.kind
        owner = self._grammar.owner(_text(match.owner)) if match.owner else ".".join(outer_names)
        if kind == "function" and (owner or (parent is not None and parent.kind in CONTAINER_KINDS - {"module"})):
            kind = "method"
        prefix = ".".join(part for part in (parent.qualified_name if parent else "", owner) if part)
        outer = match.node
        while outer.parent is not None and outer.parent.type in _WRAPPERS:
            outer = outer.parent
        signature = self._signature(match, outer)
        first = outer.start_point.row + 1
        alone = not self._lines[first - 1].encode()[: outer.start_point.column].strip()
        start = self._first_leading(first, kind) if alone else first
        return Definition(
            name=name,
            qualified_name=f"{prefix}.{name}" if prefix else name,
            kind=kind,
            start_line=start,
            line=first,
            end_line=max(_last_line(outer), first),
            signature=signature,
            doc=self._doc(start, first),
            visibility=self._grammar.visibility(name, signature),
            body_lines=match.node.end_point.row - (match.body or match.node).start_point.row + 1,
            depth=parent.depth + 1 if parent else 0,
            local=parent is not None and (parent.local or parent.is_function),
            decorators=tuple(_decorators(self._lines[start - 1 : max(first, match.name.start_point.row + 1)])),
        )

    def _signature(self, match: _Match, outer: Node) -> str:
        body = match.body or match.node.child_by_field_name("body")
        start = outer.start_byte
        if body is not None and body.start_byte > match.name.end_byte:
            head = self._source[start : body.start_byte]
        else:
            line_end = self._source.find(b"\n", match.name.end_byte, outer.end_byte)
            head = self._source[start : line_end if line_end >= 0 else outer.end_byte]
        text = (
            " ".join(head[: 4 * _LARGEST_SIGNATURE].decode("utf-8", "ignore").split()).rstrip(" {=").removesuffix(" do")
        )
        return text if len(text) <= _LARGEST_SIGNATURE else text[: _LARGEST_SIGNATURE - 1] + "…"

    def _first_leading(self, line: int, kind: str) -> int:
        apart = self._leading.get(line - 2, 0)
        if apart and kind not in _GENERAL_KINDS and not self._lines[line - 2].strip() and self._is_doc_apart(apart):
            line = apart
        while (start := self._leading.get(line - 1)) and self._begins_line(start):
            line = start
        return line

    def _is_doc_apart(self, line: int) -> bool:
        """Whether a doc comment begins here that belongs to a function across an empty line, and not to the file."""
        mark = self._grammar.doc_mark
        if not mark or not self._lines[line - 1].lstrip().startswith(mark):
            return False
        first = next((number for number, text in enumerate(self._lines, 1) if text.strip()), 1)
        text = "\n".join(self._lines[line - 1 : line + _LONGEST_APART])
        return line > first or _CALLABLE_TAG.search(text.partition("*/")[0]) is not None

    def _begins_line(self, line: int) -> bool:
        """Whether the leading node that begins here has the line for itself, and is no remark behind some code."""
        text = self._lines[line - 1].lstrip()
        return text.startswith(self._grammar.leading_marks)

    def _doc(self, start: int, line: int) -> str:
        above = self._lines[start - 1 : line - 1]
        cleaned = [(text.lstrip(), _COMMENT_MARKS.sub("", text).rstrip()) for text in above]
        said = (text for raw, text in cleaned if not (raw.startswith(_ANNOTATIONS) and text.startswith(("[", "@"))))
        return "\n".join(said).strip().strip('"').strip()

    def _module_doc(self, definitions: Sequence[Definition]) -> str:
        """The comment at the very top, unless it belongs to a definition or is a licence."""
        first_definition = min((item.start_line for item in definitions), default=len(self._lines) + 1)
        lines: list[str] = []
        ranges = {first: last for last, first in self._leading.items()}
        line = 2 if self._lines and self._lines[0].startswith("#!") else 1
        while line in ranges and line < first_definition:
            lines += self._lines[line - 1 : ranges[line]]
            line = ranges[line] + 1
        doc = "\n".join(_COMMENT_MARKS.sub("", text).rstrip() for text in lines).strip()
        return "" if re.search(r"(?i)copyright|licen[sc]e|eslint|@ts-|build ", doc[:600]) else doc


def _decorators(lines: Sequence[str]) -> Iterator[str]:
    """Annotations and attributes above or before a name: ``@Override``, ``#[derive(..)]``, ``[Fact]``."""
    for line in lines:
        yield from (match[1] for match in _DECORATOR.finditer(line))


def _text(node: Node) -> str:
    return (node.text or b"").decode("utf-8", "replace")


def _bare(text: str) -> str:
    """A name without what quotes it; the brackets of an operator belong to it."""
    return text.strip() if _OPERATOR.fullmatch(text.strip()) else text.strip(_QUOTES)


def _last_line(node: Node) -> int:
    row, column = node.end_point
    return row if column == 0 and row > node.start_point.row else row + 1


def _first_error(root: Node) -> int | None:
    """Line of the first error, found by following the children that hold one."""
    node = root
    while True:
        following = next((child for child in node.children if child.has_error or child.is_missing), None)
        if following is None or following.is_error or following.is_missing:
            found = following or node
            return found.start_point.row + 1
        node = following

"""Python through the standard library's own parser: exact, and the fastest there is."""

import ast
import gc
import inspect
import re
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from docgen_server.core.analysis.model import Definition, Import, Outline
from docgen_server.core.analysis.python_chains import chain_of
from docgen_server.core.analysis.python_references import ReferenceCollector
from docgen_server.core.analysis.rules.general import finding
from docgen_server.core.analysis.rules.python import check_block, check_handler, check_parameters, check_pickles

_LARGEST_SIGNATURE = 400
_COMMENT = re.compile(r"\s+#[^\n\"']*$", re.MULTILINE)
_COMMENT_LINE = re.compile(r"^\s*#")
_DEFINING = frozenset({ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef})
_IMPORTING = frozenset({ast.Import, ast.ImportFrom})
_ASSIGNING = frozenset({ast.Assign, ast.AnnAssign})
_BRANCHES = frozenset({ast.If, ast.For, ast.AsyncFor, ast.While, ast.ExceptHandler, ast.match_case})
_BLOCKS: dict[type, tuple[str, ...]] = {
    ast.FunctionDef: ("body",),
    ast.AsyncFunctionDef: ("body",),
    ast.ClassDef: ("body",),
    ast.If: ("body", "orelse"),
    ast.For: ("body", "orelse"),
    ast.AsyncFor: ("body", "orelse"),
    ast.While: ("body", "orelse"),
    ast.With: ("body",),
    ast.AsyncWith: ("body",),
    ast.Try: ("body", "handlers", "orelse", "finalbody"),
    ast.TryStar: ("body", "handlers", "orelse", "finalbody"),
    ast.ExceptHandler: ("body",),
    ast.Match: ("cases",),
    ast.match_case: ("body",),
}
_NESTING = frozenset(
    {ast.If, ast.For, ast.AsyncFor, ast.While, ast.With, ast.AsyncWith, ast.Try, ast.TryStar, ast.Match}
)
"""Statements are told apart by their exact type: that is what the parser makes, and three times as fast as isinstance."""
DEEPEST_NESTING = 6
_Function = ast.FunctionDef | ast.AsyncFunctionDef


@contextmanager
def _uncollected() -> Iterator[None]:
    """No search for cycles: a tree has none, and looking through its nodes again and again takes a sixth of the time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


_Place = tuple[Any, Definition | None, bool, int]
"""A statement that is still to be read, what it stands in, whether it runs later or never, and how many blocks of its
function are around it."""


class PythonParser:
    """Reads the statements of a module; expressions are not descended into, which makes it fast."""

    def __init__(self, text: str, lines: Sequence[str]) -> None:
        self._text = text
        self._lines = lines
        self._outline = Outline()
        self._pending: list[_Place] = []
        self._ordinals: dict[int, int] = {}
        """Ordinal of each definition by the identity of its node."""

    def parse(self) -> Outline:
        """Outline of the module.

        Raises:
            SyntaxError: It is not valid Python.
            RecursionError: It is nested too deeply for the parser; so is ``MemoryError``.
        """
        with _uncollected():
            return self._parse()

    def _parse(self) -> Outline:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            module = ast.parse(self._text)
        self._outline.doc = _docstring(module)
        pending = self._pending
        pending += [(node, None, False, 0) for node in reversed(module.body)]
        while pending:
            self._read(*pending.pop())
        if "pickle" in self._text:
            self._outline.findings.extend(check_pickles(module))
        collector = ReferenceCollector(self._outline.definitions, self._ordinals, self._imported())
        self._outline.references, self._outline.bindings = collector.collect(module)
        return self._outline

    def _imported(self) -> frozenset[str]:
        """Every name that an import binds."""
        imports = self._outline.imports
        return frozenset(name for item in imports for name in (item.bound or (item.target.split(".", 1)[0],)))

    def _read(self, node: Any, owner: Definition | None, deferred: bool, nesting: int) -> None:
        kind = type(node)
        if kind in _DEFINING:
            self._define(node, owner, deferred)
            return
        if kind in _IMPORTING:
            self._outline.imports.extend(_imports(node, deferred=deferred))
        elif kind in _ASSIGNING:
            self._assign(node, owner)
        elif kind in _BRANCHES:
            if owner is not None:
                owner.complexity += 1
            if kind is ast.ExceptHandler:
                self._outline.findings.extend(check_handler(node, owner, self._lines))
        if kind not in _BLOCKS:
            return
        if kind in _NESTING:
            nesting += 1
            if nesting == DEEPEST_NESTING + 1 and owner is not None:
                message = f"This block of {owner.qualified_name} stands in {DEEPEST_NESTING} others."
                place = owner.qualified_name
                self._outline.findings.append(finding("deep-nesting", message, node.lineno, symbol=place))
        self._descend(node, owner, deferred or self._is_never_run(node), nesting)

    def _descend(self, node: ast.AST, owner: Definition | None, deferred: bool, nesting: int = 0) -> None:
        for field in reversed(_BLOCKS[type(node)]):
            block = getattr(node, field)
            if len(block) > 1:
                self._outline.findings.extend(check_block(block, owner))
            # An elif is written beside its if, not inside it.
            depth = nesting - 1 if field == "orelse" and len(block) == 1 and type(node) is ast.If else nesting
            self._pending += [(child, owner, deferred, depth) for child in reversed(block)]

    def _is_never_run(self, node: ast.AST) -> bool:
        """Whether a branch is for type checkers, or its author says that it does not run."""
        return isinstance(node, ast.If) and (
            _is_type_checking(node) or "pragma: no cover" in self._lines[node.lineno - 1]
        )

    def _define(self, node: _Function | ast.ClassDef, owner: Definition | None, deferred: bool) -> None:
        is_class = isinstance(node, ast.ClassDef)
        line_end = node.end_lineno or node.lineno
        doc = _docstring(node)
        first = min((decorator.lineno for decorator in node.decorator_list), default=node.lineno)
        definition = Definition(
            name=node.name,
            qualified_name=f"{owner.qualified_name}.{node.name}" if owner else node.name,
            kind="class" if is_class else ("method" if owner and owner.kind == "class" else "function"),
            start_line=self._first_comment(first),
            line=node.lineno,
            end_line=line_end,
            signature=self._signature(node),
            doc=doc,
            visibility=_visibility(node.name),
            depth=owner.depth + 1 if owner else 0,
            local=owner is not None and (owner.local or owner.is_function),
            body_lines=line_end - node.body[bool(doc) and len(node.body) > 1].lineno + 1,
            decorators=tuple(filter(None, map(_decorator, node.decorator_list))),
        )
        self._ordinals[id(node)] = len(self._outline.definitions)
        self._outline.definitions.append(definition)
        if not isinstance(node, ast.ClassDef):
            self._outline.findings.extend(check_parameters(node, definition))
        self._descend(node, definition, deferred or not is_class)

    def _assign(self, node: ast.Assign | ast.AnnAssign, owner: Definition | None) -> None:
        if owner is not None and owner.kind != "class":
            return
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        for target in targets:
            if isinstance(target, ast.Name) and (owner is None or target.id.isupper()):
                self._outline.definitions.append(
                    Definition(
                        name=target.id,
                        qualified_name=f"{owner.qualified_name}.{target.id}" if owner else target.id,
                        kind="constant" if target.id.isupper() else "variable",
                        start_line=node.lineno,
                        line=node.lineno,
                        end_line=node.end_lineno or node.lineno,
                        signature=_shorten(self._lines[node.lineno - 1].strip(), 160),
                        visibility=_visibility(target.id),
                        depth=owner.depth + 1 if owner else 0,
                    )
                )

    def _signature(self, node: _Function | ast.ClassDef) -> str:
        body = node.body[0]
        decorators = getattr(body, "decorator_list", [])
        end = min((item.lineno for item in decorators), default=body.lineno)
        if end == node.lineno:
            head = self._lines[end - 1].encode()[node.col_offset : body.col_offset].decode(errors="ignore")
        else:
            head = "\n".join(self._lines[node.lineno - 1 : end - 1])
        head = _COMMENT.sub("", head).strip()
        return _shorten(" ".join(head[: head.rfind(":")].split()), _LARGEST_SIGNATURE)

    def _first_comment(self, line: int) -> int:
        while line > 1 and _COMMENT_LINE.match(self._lines[line - 2]):
            line -= 1
        return line


def _imports(node: ast.Import | ast.ImportFrom, *, deferred: bool) -> Iterator[Import]:
    if isinstance(node, ast.Import):
        for alias in node.names:
            yield Import(alias.name, node.lineno, deferred=deferred, bound=(alias.asname,) if alias.asname else ())
    else:
        target = "." * node.level + (node.module or "")
        names = tuple(alias.name for alias in node.names)
        bound = tuple(alias.asname or alias.name for alias in node.names)
        yield Import(target, node.lineno, names, deferred, bound)


def _decorator(node: ast.expr) -> str | None:
    return chain_of(node.func if isinstance(node, ast.Call) else node)


def _is_type_checking(node: ast.If) -> bool:
    test = node.test
    name = test.id if isinstance(test, ast.Name) else getattr(test, "attr", "")
    return name == "TYPE_CHECKING"


def _docstring(node: ast.Module | ast.ClassDef | _Function) -> str:
    first = node.body[0] if node.body else None
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str):
        return inspect.cleandoc(first.value.value.replace("\0", "\ufffd")).encode(errors="replace").decode()
    return ""


def _visibility(name: str) -> str:
    return "private" if name.startswith("_") and not name.endswith("__") else "public"


def _shorten(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1] + "…"

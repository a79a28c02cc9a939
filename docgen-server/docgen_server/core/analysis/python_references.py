"""What a Python module mentions, and what its names stand for: the raw material of links between files.

Every expression is visited once. A mention is kept when it may lead to a definition: names of variables of which
nothing is known are left out here, so that what is stored stays small.
"""

import ast
import builtins
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from docgen_server.core.analysis.model import MODULE, Binding, Definition, Reference, ReferenceKind
from docgen_server.core.analysis.python_chains import chain_of, chains_in, types_of, values_of

_NO_CHILDREN = frozenset({
    "ctx", "op", "ops", "id", "attr", "name", "names", "kind", "level", "module", "arg", "type_comment", "asname",
    "type_ignores", "kwd_attrs", "rest", "is_async", "simple", "conversion",
})  # fmt: skip
_FIELDS: Mapping[type, tuple[str, ...]] = {
    kind: tuple(name for name in getattr(kind, "_fields", ()) if name not in _NO_CHILDREN)
    for kind in vars(ast).values()
    if isinstance(kind, type) and issubclass(kind, ast.AST)
}
_SILENT = frozenset({ast.Constant, ast.Import, ast.ImportFrom, ast.Pass, ast.Global, ast.Nonlocal})
"""Nothing in them mentions anything."""
_BUILTINS = frozenset(dir(builtins))
_STATIC = frozenset({"staticmethod"})
_CLASS_LEVEL = frozenset({"classmethod"})
_MOST_VALUES = 4
_RETURN = "return"
_Function = ast.FunctionDef | ast.AsyncFunctionDef
_Task = tuple[ast.AST, int]


class ReferenceCollector:
    """Collects the mentions and bindings of one module.

    Args:
        definitions: What the module defines, in source order.
        ordinals: Ordinal of each definition by the identity of its node.
        imported: Every name that an import of the module binds; ``*`` when one binds names that are not written.
    """

    def __init__(
        self, definitions: Sequence[Definition], ordinals: Mapping[int, int], imported: frozenset[str]
    ) -> None:
        self._definitions = definitions
        self._ordinals = ordinals
        self._imported = imported
        self._nested = {item.name for item in definitions if item.local}
        self._found: dict[tuple[int, ReferenceKind, str], int] = {}
        self._frames: dict[int, dict[str, list[str]]] = {MODULE: {}}
        self._attributes: dict[tuple[int, str], list[tuple[str, int]]] = {}
        self._parents: dict[int, int] = {}
        self._pending: list[_Task] = []

    def collect(self, module: ast.Module) -> tuple[list[Reference], list[Binding]]:
        """References and bindings, in source order."""
        self._pending = [(node, MODULE) for node in reversed(module.body)]
        pending, handlers, fields = self._pending, _HANDLERS, _FIELDS
        while pending:
            node, scope = pending.pop()
            handler = handlers.get(type(node))
            if handler is not None:
                handler(self, node, scope)
                continue
            for name in fields[type(node)]:
                value = getattr(node, name)
                if value.__class__ is list:
                    pending += [(item, scope) for item in reversed(value) if item is not None]
                elif isinstance(value, ast.AST):
                    pending.append((value, scope))
        return self._references(), self._bindings()

    # --- what is kept ---------------------------------------------------------------------------------------------

    def _references(self) -> list[Reference]:
        module = {item.name for item in self._definitions if item.depth == 0} | self._imported
        module |= self._frames[MODULE].keys()
        found: dict[tuple[int, ReferenceKind, str], int] = {}
        for (scope, kind, chain), line in self._found.items():
            base = chain.split(".", 1)[0].rstrip("()[]")
            if (kept := self._kept(scope, kind, chain, base, module)) is not None:
                found.setdefault((scope, kind, kept), line)
        return [Reference(scope, kind, chain, line) for (scope, kind, chain), line in found.items()]

    def _kept(self, scope: int, kind: ReferenceKind, chain: str, base: str, module: set[str]) -> str | None:
        """The chain as it is stored: its base is known, or a call on an unknown value keeps the method's name."""
        place = scope
        while place != MODULE:
            values = self._frames.get(place, {}).get(base)
            if values is not None and (place == scope or not self._is_class(place)):
                if values:
                    return chain
                method = chain.rpartition(".")[2]
                return f"?.{method}" if kind is ReferenceKind.CALL and "." in chain and method.isidentifier() else None
            place = self._parents[place]
        if base in module or ("*" in self._imported and base not in _BUILTINS):
            return chain
        return chain if base in self._nested else None

    def _bindings(self) -> list[Binding]:
        bindings = [
            Binding(owner, name, value, owner)
            for owner, frame in self._frames.items()
            for name, values in frame.items()
            for value in values
        ]
        bindings += [
            Binding(owner, name, value, scope)
            for (owner, name), values in self._attributes.items()
            for value, scope in values
        ]
        return bindings

    def _is_class(self, scope: int) -> bool:
        return self._definitions[scope].kind == "class"

    # --- what is noted while visiting -----------------------------------------------------------------------------

    def note(self, scope: int, kind: ReferenceKind, chain: str, line: int) -> None:
        """Keep the first line of a mention."""
        self._found.setdefault((scope, kind, chain), line)

    def bind(self, scope: int, name: str, values: Sequence[str]) -> None:
        """Say what a name of a scope may stand for; no values mean that it is any value."""
        known = self._frames[scope].setdefault(name, [])
        for value in values:
            if value not in known and len(known) < _MOST_VALUES:
                known.append(value)

    def push(self, scope: int, *nodes: ast.AST | None) -> None:
        """Visit these next, in the order given."""
        pending = self._pending
        for node in reversed(nodes):
            if node is not None and node.__class__ not in _SILENT:
                pending.append((node, scope))

    def annotate(self, scope: int, annotation: ast.expr | None) -> list[str]:
        """Note every name of an annotation; what it says of a value."""
        if annotation is None:
            return []
        for chain in chains_in(annotation):
            self.note(scope, ReferenceKind.TYPE, chain, annotation.lineno)
        return types_of(annotation)

    def assign(self, scope: int, target: ast.expr, values: Sequence[str]) -> None:
        """Bind the names of an assignment's target."""
        if isinstance(target, ast.Name):
            self.bind(scope, target.id, values)
        elif isinstance(target, ast.Tuple | ast.List):
            for item in target.elts:
                self.assign(scope, item.value if isinstance(item, ast.Starred) else item, [])
        elif isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name):
            self._assign_attribute(scope, target.value.id, target.attr, values)
            self.push(scope, target.value)
        else:
            self.push(scope, target)

    def _assign_attribute(self, scope: int, base: str, name: str, values: Sequence[str]) -> None:
        """``self.name = value``: an attribute of the class around the method."""
        owner = self._parents.get(scope, MODULE)
        if owner == MODULE or not self._is_class(owner) or self._frames[scope].get(base) != ["@self"]:
            return
        known = self._attributes.setdefault((owner, name), [])
        known.extend((value, scope) for value in values if len(known) < _MOST_VALUES)

    def note_return(self, scope: int, values: Sequence[str]) -> None:
        """What a function gives back, unless its annotation has said it."""
        known = self._frames[scope].get(_RETURN, [])
        if not any(value.lstrip("*").startswith(":") for value in known):
            self.bind(scope, _RETURN, [value for value in values if value != "None"])

    def knows(self, scope: int, name: str) -> bool:
        """Whether a scope has bound a name."""
        return name in self._frames[scope]

    def open_scope(self, node: ast.AST, outer: int) -> int:
        """A scope for a definition."""
        scope = self._ordinals[id(node)]
        self._parents[scope] = outer
        self._frames[scope] = {}
        return scope

    def bind_parameters(self, node: _Function, scope: int, outer: int) -> None:
        """Parameters are variables; the first of a method is its object."""
        arguments = node.args
        positional = [*arguments.posonlyargs, *arguments.args]
        for argument in [*positional, *arguments.kwonlyargs]:
            self.bind(scope, argument.arg, self.annotate(outer, argument.annotation))
        for rest in filter(None, (arguments.vararg, arguments.kwarg)):
            self.annotate(outer, rest.annotation)
            self.bind(scope, rest.arg, [])
        decorators = self._definitions[scope].decorators
        if outer != MODULE and self._is_class(outer) and positional and not _STATIC.intersection(decorators):
            is_class_level = _CLASS_LEVEL.intersection(decorators) or node.name in {"__new__", "__init_subclass__"}
            self._frames[scope][positional[0].arg] = ["@class" if is_class_level else "@self"]


def _visit_function(collector: ReferenceCollector, node: _Function, outer: int) -> None:
    scope = collector.open_scope(node, outer)
    collector.bind_parameters(node, scope, outer)
    returned = collector.annotate(outer, node.returns)
    if returned:
        collector.bind(scope, _RETURN, returned)
    for decorator in node.decorator_list:
        _note_decorator(collector, decorator, outer)
    collector.push(scope, *node.body)
    collector.push(outer, *node.args.defaults, *node.args.kw_defaults)


def _visit_class(collector: ReferenceCollector, node: ast.ClassDef, outer: int) -> None:
    scope = collector.open_scope(node, outer)
    for base in node.bases:
        chain = chain_of(base.value if isinstance(base, ast.Subscript) else base)
        if chain:
            collector.note(scope, ReferenceKind.BASE, chain, base.lineno)
        collector.push(outer, *(base.args if isinstance(base, ast.Call) else ()))
        if isinstance(base, ast.Subscript):
            collector.annotate(outer, base.slice)
    for decorator in node.decorator_list:
        _note_decorator(collector, decorator, outer)
    collector.push(outer, *(keyword.value for keyword in node.keywords))
    collector.push(scope, *node.body)


def _note_decorator(collector: ReferenceCollector, node: ast.expr, outer: int) -> None:
    if chain := chain_of(node.func if isinstance(node, ast.Call) else node):
        collector.note(outer, ReferenceKind.DECORATOR, chain, node.lineno)
    if isinstance(node, ast.Call):
        collector.push(outer, *node.args, *(keyword.value for keyword in node.keywords))


def _visit_assign(collector: ReferenceCollector, node: ast.Assign, scope: int) -> None:
    values = values_of(node.value)
    for target in node.targets:
        collector.assign(scope, target, values)
    collector.push(scope, node.value)


def _visit_annotated(collector: ReferenceCollector, node: ast.AnnAssign, scope: int) -> None:
    types = collector.annotate(scope, node.annotation)
    collector.assign(scope, node.target, types or values_of(node.value))
    collector.push(scope, node.value)


def _visit_walrus(collector: ReferenceCollector, node: ast.NamedExpr, scope: int) -> None:
    collector.assign(scope, node.target, values_of(node.value))
    collector.push(scope, node.value)


def _visit_augmented(collector: ReferenceCollector, node: ast.AugAssign, scope: int) -> None:
    if not isinstance(node.target, ast.Name):
        collector.push(scope, node.target)
    collector.push(scope, node.value)


def _visit_loop(collector: ReferenceCollector, node: ast.For | ast.AsyncFor, scope: int) -> None:
    collector.assign(scope, node.target, _elements(node.iter))
    collector.push(scope, node.iter, *node.body, *node.orelse)


def _visit_generator(collector: ReferenceCollector, node: ast.comprehension, scope: int) -> None:
    if scope != MODULE:
        collector.assign(scope, node.target, _elements(node.iter))
    collector.push(scope, node.iter, *node.ifs)


def _elements(iterated: ast.expr) -> list[str]:
    return [f"{value}[]" for value in values_of(iterated) if not value.startswith("*")]


def _visit_comprehension(collector: ReferenceCollector, node: ast.AST, scope: int) -> None:
    """The loops before the element, since they bind what it mentions."""
    elements = [getattr(node, name) for name in ("elt", "key", "value") if hasattr(node, name)]
    collector.push(scope, *node.generators, *elements)  # type: ignore[attr-defined]


def _visit_with(collector: ReferenceCollector, node: ast.With | ast.AsyncWith, scope: int) -> None:
    for item in node.items:
        if item.optional_vars is not None:
            collector.assign(scope, item.optional_vars, values_of(item.context_expr))
    collector.push(scope, *(item.context_expr for item in node.items), *node.body)


def _visit_handler(collector: ReferenceCollector, node: ast.ExceptHandler, scope: int) -> None:
    kinds = node.type.elts if isinstance(node.type, ast.Tuple) else [node.type]
    if node.name:
        caught = (chain_of(kind) for kind in kinds if kind is not None)
        collector.bind(scope, node.name, [f":{chain}" for chain in caught if chain])
    collector.push(scope, node.type, *node.body)


def _visit_return(collector: ReferenceCollector, node: ast.Return, scope: int) -> None:
    if scope != MODULE:
        collector.note_return(scope, values_of(node.value))
    collector.push(scope, node.value)


def _visit_call(collector: ReferenceCollector, node: ast.Call, scope: int) -> None:
    chain = chain_of(node.func)
    if chain is None:
        if isinstance(node.func, ast.Attribute):
            collector.note(scope, ReferenceKind.CALL, f"?.{node.func.attr}", _last_line(node.func))
            collector.push(scope, node.func.value)
        else:
            collector.push(scope, node.func)
    else:
        collector.note(scope, ReferenceKind.CALL, chain, _last_line(node.func))
        _push_inside(collector, node.func, scope)
    if node.keywords:
        collector.push(scope, *node.args, *[keyword.value for keyword in node.keywords])
    elif node.args:
        collector.push(scope, *node.args)


def _visit_attribute(collector: ReferenceCollector, node: ast.Attribute, scope: int) -> None:
    chain = chain_of(node)
    if chain is None:
        collector.push(scope, node.value)
    else:
        collector.note(scope, ReferenceKind.USE, chain, _last_line(node))
        _push_inside(collector, node, scope)


def _push_inside(collector: ReferenceCollector, node: ast.expr, scope: int) -> None:
    """Go on below the part of a chain that was noted: at the next call or subscript in it."""
    kind = type(node)
    while kind is ast.Attribute or kind is ast.Await:
        node = node.value  # type: ignore[attr-defined]
        kind = type(node)
    if kind is not ast.Name:
        collector.push(scope, node)


def _visit_name(collector: ReferenceCollector, node: ast.Name, scope: int) -> None:
    if type(node.ctx) is ast.Load:
        collector.note(scope, ReferenceKind.USE, node.id, node.lineno)


def _visit_lambda(collector: ReferenceCollector, node: ast.Lambda, scope: int) -> None:
    arguments = node.args
    if scope != MODULE:
        for argument in [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]:
            if not collector.knows(scope, argument.arg):
                collector.bind(scope, argument.arg, [])
    collector.push(scope, *arguments.defaults, *arguments.kw_defaults, node.body)


def _visit_captured(collector: ReferenceCollector, node: ast.MatchAs | ast.MatchStar, scope: int) -> None:
    if node.name and scope != MODULE:
        collector.bind(scope, node.name, [])
    collector.push(scope, getattr(node, "pattern", None))


def _skip(_collector: ReferenceCollector, _node: ast.AST, _scope: int) -> None:
    """See ``_SILENT``."""


def _last_line(node: ast.expr) -> int:
    """Where the last name of a chain stands; chains are broken over lines."""
    return node.end_lineno or node.lineno


_HANDLERS: Mapping[type, Callable[[ReferenceCollector, Any, int], None]] = {
    ast.FunctionDef: _visit_function,
    ast.AsyncFunctionDef: _visit_function,
    ast.ClassDef: _visit_class,
    ast.Assign: _visit_assign,
    ast.AnnAssign: _visit_annotated,
    ast.NamedExpr: _visit_walrus,
    ast.AugAssign: _visit_augmented,
    ast.For: _visit_loop,
    ast.AsyncFor: _visit_loop,
    ast.comprehension: _visit_generator,
    ast.ListComp: _visit_comprehension,
    ast.SetComp: _visit_comprehension,
    ast.GeneratorExp: _visit_comprehension,
    ast.DictComp: _visit_comprehension,
    ast.With: _visit_with,
    ast.AsyncWith: _visit_with,
    ast.ExceptHandler: _visit_handler,
    ast.Return: _visit_return,
    ast.Call: _visit_call,
    ast.Attribute: _visit_attribute,
    ast.Name: _visit_name,
    ast.Lambda: _visit_lambda,
    ast.MatchAs: _visit_captured,
    ast.MatchStar: _visit_captured,
    **dict.fromkeys(_SILENT, _skip),
}

"""Python expressions as chains: ``self.app.run`` or ``make().start``, what inference needs of them and no more."""

import ast
import re
from collections.abc import Iterator

_DOTTED = re.compile(r"^[^\W\d][\w.]*$")
_TRANSPARENT = frozenset(
    {"Optional", "Annotated", "Final", "ClassVar", "Required", "NotRequired", "ReadOnly", "Awaitable"}
)
_UNIONS = frozenset({"Union"})
_CLASSES = frozenset({"type", "Type"})
_CONTAINERS = frozenset({
    "list", "List", "set", "Set", "frozenset", "FrozenSet", "tuple", "Tuple", "Sequence", "MutableSequence", "Iterable",
    "Iterator", "Collection", "AbstractSet", "Generator", "AsyncIterator", "AsyncIterable", "AsyncGenerator", "deque",
})  # fmt: skip
_MOST_CANDIDATES = 3
_LONGEST_CHAIN = 200


def chain_of(node: ast.expr) -> str | None:
    """The chain that an expression is; nothing when it is something else, or longer than anybody writes."""
    parts: list[str] = []
    while True:
        kind = type(node)
        if kind is ast.Name:
            parts.append(node.id)  # type: ignore[attr-defined]
            break
        if kind is ast.Attribute:
            parts.append(f".{node.attr}")  # type: ignore[attr-defined]
            node = node.value  # type: ignore[attr-defined]
        elif kind is ast.Call:
            parts.append("()")
            node = node.func  # type: ignore[attr-defined]
        elif kind is ast.Subscript:
            parts.append("[]")
            node = node.value  # type: ignore[attr-defined]
        elif kind is ast.Await:
            node = node.value  # type: ignore[attr-defined]
        else:
            return None
        if len(parts) > 30:
            return None
    chain = "".join(reversed(parts))
    return chain if len(chain) <= _LONGEST_CHAIN else None


def values_of(node: ast.expr | None) -> list[str]:
    """Chains that the value of an expression may come from."""
    found: list[str] = []
    pending = [node]
    while pending and len(found) < _MOST_CANDIDATES:
        item = pending.pop()
        if isinstance(item, ast.BoolOp):
            pending.extend(reversed(item.values[:_MOST_CANDIDATES]))
        elif isinstance(item, ast.IfExp):
            pending += [item.orelse, item.body]
        elif isinstance(item, ast.NamedExpr):
            pending.append(item.value)
        elif isinstance(item, ast.List | ast.Set | ast.Tuple) and item.elts:
            found += [f"*{value}" for value in values_of(item.elts[0])[:1]]
        elif item is not None and (chain := chain_of(item)):
            found.append(chain)
    return found


def types_of(annotation: ast.expr | None) -> list[str]:
    """What an annotation says of a value: ``:Flask`` an instance, ``*:Flask`` a container of instances."""
    found: list[str] = []
    pending: list[ast.expr | None] = [annotation]
    for _ in range(20):
        if not pending or len(found) >= _MOST_CANDIDATES:
            break
        item = _unquoted(pending.pop())
        if isinstance(item, ast.BinOp):
            pending += [item.right, item.left]
        elif isinstance(item, ast.Subscript):
            found += _subscripted(item, pending)
        elif item is not None and (chain := chain_of(item)) and "(" not in chain:
            found.append(f":{chain}")
    return found


def _subscripted(node: ast.Subscript, pending: list[ast.expr | None]) -> Iterator[str]:
    chain = chain_of(node.value) or ""
    name = chain.rpartition(".")[2]
    inner = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
    if name in _TRANSPARENT and inner:
        pending.append(inner[0])
    elif name in _UNIONS:
        pending.extend(reversed(inner))
    elif name in _CLASSES and inner:
        yield from (value.removeprefix(":") for value in types_of(inner[0]))
    elif name in _CONTAINERS and inner:
        yield from (f"*{value}" for value in types_of(inner[0]))
    elif chain:
        yield f":{chain}"


def _unquoted(node: ast.expr | None) -> ast.expr | None:
    """An annotation in quotes as the expression that it is."""
    if not (isinstance(node, ast.Constant) and isinstance(node.value, str)):
        return node
    text = node.value.strip()
    if len(text) > _LONGEST_CHAIN:
        return None
    if not _DOTTED.match(text):
        try:
            return ast.parse(text, mode="eval").body
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return None
    base, *attributes = text.split(".")
    result: ast.expr = ast.Name(base)
    for attribute in attributes:
        result = ast.Attribute(result, attribute)
    return result


def chains_in(annotation: ast.expr) -> Iterator[str]:
    """Every name that an annotation mentions, also within quotes."""
    pending: list[ast.AST | None] = [annotation]
    for _ in range(200):
        if not pending:
            return
        node = pending.pop()
        item = _unquoted(node) if isinstance(node, ast.expr) else node
        if isinstance(item, ast.Name | ast.Attribute) and (chain := chain_of(item)):
            yield chain
        elif item is not None:
            pending.extend(ast.iter_child_nodes(item))

"""Rules that need Python's own tree."""

import ast
from collections.abc import Iterator, Sequence

from docgen_server.core.analysis.model import Definition, Finding

_BROAD = frozenset({"Exception", "BaseException"})
_MUTABLE_CALLS = frozenset({"list", "dict", "set", "bytearray", "defaultdict", "OrderedDict", "deque"})


def check_handler(node: ast.ExceptHandler, owner: Definition | None, lines: Sequence[str]) -> Iterator[Finding]:
    """``broad-except`` and ``swallowed-exception``: handlers that hide what they should let through."""
    if "#" in "".join(lines[node.lineno - 1 : node.end_lineno]) and len(node.body) == 1:
        # Whoever wrote down why, or switched another tool off here, has thought about it.
        return
    swallows = all(isinstance(item, ast.Pass) for item in node.body)
    caught = "everything" if node.type is None else ast.unparse(node.type)
    is_broad = node.type is None or caught in _BROAD
    symbol = owner.qualified_name if owner else None
    if is_broad and swallows:
        yield Finding(
            rule="swallowed-exception",
            severity="warning",
            start_line=node.lineno,
            end_line=node.body[-1].end_lineno or node.lineno,
            message=f"Catches {caught} and drops it: a failure here leaves no trace.",
            advice="Catch the exceptions that are expected here, or log the failure before going on.",
            symbol=symbol,
        )
    elif is_broad and not _passes_on(node):
        yield Finding(
            rule="broad-except",
            severity="note",
            start_line=node.lineno,
            end_line=node.lineno,
            message=f"Catches {caught}, programming errors included, and neither logs nor raises them.",
            advice="Name the exceptions that this code can handle.",
            symbol=symbol,
        )


def check_parameters(node: ast.FunctionDef | ast.AsyncFunctionDef, definition: Definition) -> Iterator[Finding]:
    """``mutable-default``: a default value that all calls share."""
    arguments = node.args
    for default in [*arguments.defaults, *arguments.kw_defaults]:
        if default is not None and _is_mutable(default):
            yield Finding(
                rule="mutable-default",
                severity="warning",
                start_line=default.lineno,
                end_line=default.end_lineno or default.lineno,
                message=f"A default of {definition.qualified_name} is a mutable object that all calls share.",
                advice="Use None as the default and make the object inside the function.",
                symbol=definition.qualified_name,
            )


def _passes_on(handler: ast.ExceptHandler) -> bool:
    """Whether the handler raises, logs, or does something with the exception it named."""
    for node in _bounded_walk(handler.body):
        if isinstance(node, ast.Raise):
            return True
        if isinstance(node, ast.Name) and node.id == handler.name:
            return True
        if isinstance(node, ast.Call) and _called_name(node) in _REPORTING:
            return True
    return False


_REPORTING = frozenset({
    "exception", "error", "warning", "warn", "critical", "debug", "info", "log", "print_exc", "format_exc", "exc_info",
    "print", "handle_error", "fail", "exit", "abort",
})  # fmt: skip
_WALK_LIMIT = 2000


def _bounded_walk(body: Sequence[ast.stmt]) -> Iterator[ast.AST]:
    pending: list[ast.AST] = list(body)
    for _ in range(_WALK_LIMIT):
        if not pending:
            return
        node = pending.pop()
        yield node
        pending.extend(ast.iter_child_nodes(node))


def _called_name(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def _is_mutable(node: ast.expr) -> bool:
    if isinstance(node, ast.List | ast.Dict | ast.Set | ast.ListComp | ast.DictComp | ast.SetComp):
        return True
    return isinstance(node, ast.Call) and _called_name(node) in _MUTABLE_CALLS and not node.args

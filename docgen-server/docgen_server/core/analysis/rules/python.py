"""Rules that need Python's own tree."""

import ast
import re
from collections.abc import Iterator, Sequence

from docgen_server.core.analysis.docstrings import documented_parameters
from docgen_server.core.analysis.model import Definition, Finding
from docgen_server.core.analysis.rules.general import MOST_PARAMETERS, finding

_LEAVING = (ast.Return, ast.Raise, ast.Break, ast.Continue)
_REMARK = re.compile(r"#\s*(?!noqa|codemuse|type:|pragma|pylint)\w")
_NEVER_FAILING = frozenset({"__repr__", "__str__", "__del__"})
"""What these raise helps nobody, so they catch everything."""
_UNPICKLING = re.compile(r"^_?(c?[pP]ickle|dill|cloudpickle)\.loads?$")
_FOREIGN = re.compile(r"(?i)request|recv|body|payload|sock|response|cookie|b64decode|untrusted|upload")
_LONGEST_SOURCE = 80
_BROAD = frozenset({"Exception", "BaseException"})


def check_handler(node: ast.ExceptHandler, owner: Definition | None, lines: Sequence[str]) -> Iterator[Finding]:
    """``broad-except`` and ``swallowed-exception``: handlers that hide what they should let through."""
    if _is_explained(node, lines) or (owner is not None and owner.name in _NEVER_FAILING):
        return
    swallows = all(isinstance(item, ast.Pass) for item in node.body)
    caught = "everything" if node.type is None else ast.unparse(node.type)
    is_broad = node.type is None or caught in _BROAD
    symbol = owner.qualified_name if owner else None
    if is_broad and swallows:
        message = f"Catches {caught} and drops it: a failure here leaves no trace."
        yield finding("swallowed-exception", message, node.lineno, node.body[-1].end_lineno, symbol=symbol)
    elif is_broad and not _passes_on(node):
        message = f"Catches {caught}, programming errors included, and neither logs nor raises them."
        yield finding("broad-except", message, node.lineno, symbol=symbol)


def _is_explained(node: ast.ExceptHandler, lines: Sequence[str]) -> bool:
    """Whether somebody wrote down why: above the handler, in it, right below it, or above its ``try``."""
    start = next((number for number in range(node.lineno - 2, -1, -1) if _opens(lines[number], node.col_offset)), 0)
    beside = {node.lineno - 2, start - 1, node.body[-1].end_lineno or node.lineno}
    around = (lines[number].strip() for number in beside if 0 <= number < len(lines))
    return any(text.startswith("#") and _REMARK.search(text) for text in around) or any(
        map(_REMARK.search, lines[node.lineno - 1 : node.body[0].lineno])
    )


def _opens(line: str, column: int) -> bool:
    """Whether a line is the ``try`` of a handler that stands at a column."""
    return line[column : column + 3] == "try" and not line[:column].strip()


def check_parameters(node: ast.FunctionDef | ast.AsyncFunctionDef, definition: Definition) -> Iterator[Finding]:
    """``many-parameters`` and ``doc-unknown-parameter``."""
    arguments = node.args
    positional = [item.arg for item in (*arguments.posonlyargs, *arguments.args)]
    own = positional[1:] if definition.kind == "method" and positional[:1] in (["self"], ["cls"]) else positional
    if len(own) > MOST_PARAMETERS:
        message = f"{definition.qualified_name} takes {len(own)} parameters by position (more than {MOST_PARAMETERS})."
        yield finding("many-parameters", message, node.lineno, symbol=definition.qualified_name)
    if arguments.kwarg is not None or arguments.vararg is not None:
        return
    known = {*positional, *(item.arg for item in arguments.kwonlyargs)}
    for name in documented_parameters(definition.doc):
        if name not in known:
            message = f"The doc comment of {definition.qualified_name} describes a parameter '{name}', which it does not take."
            yield finding("doc-unknown-parameter", message, node.lineno, symbol=definition.qualified_name)


def check_pickles(tree: ast.Module) -> Iterator[Finding]:
    """``unsafe-deserialisation``: unpickling what, by its name, came from somebody else; own files are left alone."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and node.args and _UNPICKLING.search(ast.unparse(node.func)):
            source = ast.unparse(node.args[0])
            if _FOREIGN.search(source):
                message = f"Unpickles {source[:_LONGEST_SOURCE]}: whoever sends it decides what runs here."
                yield finding("unsafe-deserialisation", message, node.lineno)


def check_block(statements: Sequence[ast.stmt], owner: Definition | None) -> Iterator[Finding]:
    """``unreachable-code``: statements behind one that always leaves the block."""
    for position, statement in enumerate(statements[:-1]):
        if isinstance(statement, _LEAVING):
            following = statements[position + 1]
            if not _is_marker(following):
                symbol = owner.qualified_name if owner else None
                word = type(statement).__name__.lower()
                message = f"Nothing after this {word} is ever run: the code in line {following.lineno} is dead."
                yield finding("unreachable-code", message, following.lineno, statements[-1].end_lineno, symbol=symbol)
            return


def _is_marker(statement: ast.stmt) -> bool:
    """A yield that makes a generator of a function, or a value that only silences a checker, is there on purpose."""
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Yield | ast.YieldFrom | ast.Constant)


def _passes_on(handler: ast.ExceptHandler) -> bool:
    """Whether the handler raises, logs, or does something with the exception it named."""
    for node in _bounded_walk(handler.body):
        if isinstance(node, ast.Raise):
            return True
        if isinstance(node, ast.Name) and node.id == handler.name:
            return True
        if isinstance(node, ast.Call) and _REPORTING.search(_called_name(node)):
            return True
    return False


_REPORTING = re.compile(
    r"(?i)warn|log|error|exception|exc_info|debug|info|critical|print|report|fail|exit|abort|fatal|traceback|hook"
)
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

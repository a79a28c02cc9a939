"""Whether what ruff objects to is meant, seen from the code around it: what a reviewer would wave away is not told."""

import ast
import re
import warnings
from collections.abc import Callable, Iterator, Mapping

from docgen_server.core.analysis.model import Finding

_NAME = re.compile(r"[vV]ariable `(\w+)`")
_THROWN_AWAY = ("dummy", "unused", "ignored")
_LIVE_NAMESPACE = re.compile(r"(globals?|locals?|_?ns|namespace|_dict|__dict__|modules|ctx|context)$")
_PROSE = re.compile(r"\b(Select|Insert|Update|Delete|Create|Drop)\s")
_Function = ast.FunctionDef | ast.AsyncFunctionDef


def is_meant(finding: Finding, data: bytes) -> bool:
    """Whether a finding of ruff's is no mistake.

    Args:
        finding: What it said.
        data: The file.
    """
    judge = _JUDGES.get(finding.rule)
    if judge is None:
        return False
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            module = ast.parse(data)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return judge(finding, module)


def _is_read(finding: Finding, module: ast.Module) -> bool:
    """A variable that a loop reads in its next round, above where it is set; or whose name says that nobody does."""
    name = _variable(finding)
    return name.startswith(_THROWN_AWAY) or _reads(module, finding, name)


def _is_thrown_away(finding: Finding, module: ast.Module) -> bool:
    """A name that one assignment fills several times and nobody reads, as in ``nil, host, nil = parts``."""
    name = _variable(finding)
    return bool(name) and not _reads(module, finding, name)


def _is_evaluator(finding: Finding, module: ast.Module) -> bool:
    """``eval`` of fixed or compiled code, or within the live names of a program, as debuggers and completers do."""
    for call in _calls(finding, module):
        if not call.args or not (isinstance(call.func, ast.Name) and call.func.id == "eval"):
            continue
        code, *namespaces = call.args
        is_compiled = isinstance(code, ast.Call) and isinstance(code.func, ast.Name) and code.func.id == "compile"
        if is_compiled or isinstance(code, ast.Constant):
            return True
        return any(_LIVE_NAMESPACE.search(name) for one in namespaces for name in _named(one))
    return False


def _is_fixed_command(finding: Finding, module: ast.Module) -> bool:
    """A command for the shell that is one of some texts in the same function."""
    call = next((one for one in _calls(finding, module) if one.args), None)
    function = _innermost(finding, module)
    if call is None or function is None or not isinstance(call.args[0], ast.Name):
        return False
    name = call.args[0].id
    values = [
        node.iter if isinstance(node, ast.For) else node.value
        for node in ast.walk(function)
        for target in (node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)])
        if isinstance(node, ast.Assign | ast.For) and isinstance(target, ast.Name) and target.id == name
    ]
    parameters = {one.arg for one in ast.walk(function.args) if isinstance(one, ast.arg)}
    return bool(values) and name not in parameters and all(map(_is_fixed, values))


def _is_prose(finding: Finding, module: ast.Module) -> bool:
    """A sentence that begins like a statement of SQL; people write those in capitals or in small letters."""
    texts = [
        node.value
        for node in ast.walk(module)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and _covers(finding, node)
    ]
    return any(_PROSE.search(text) for text in texts)


def _is_fixed(value: ast.expr) -> bool:
    try:
        ast.literal_eval(value)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return False
    return True


def _variable(finding: Finding) -> str:
    match = _NAME.search(finding.message)
    return match[1] if match else ""


def _reads(module: ast.Module, finding: Finding, name: str) -> bool:
    function = _innermost(finding, module)
    nodes = ast.walk(function) if function is not None else ()
    return any(isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Load) for node in nodes)


def _innermost(finding: Finding, module: ast.Module) -> _Function | None:
    """The function that a finding is in."""
    around = [node for node in ast.walk(module) if isinstance(node, _Function) and _covers(finding, node)]
    return max(around, key=lambda node: node.lineno, default=None)


def _calls(finding: Finding, module: ast.Module) -> Iterator[ast.Call]:
    return (node for node in ast.walk(module) if isinstance(node, ast.Call) and node.lineno == finding.start_line)


def _covers(finding: Finding, node: ast.expr | ast.stmt) -> bool:
    return node.lineno <= finding.start_line <= (node.end_lineno or node.lineno)


def _named(node: ast.expr) -> Iterator[str]:
    """Names and attributes that an expression mentions."""
    for one in ast.walk(node):
        if isinstance(one, ast.Name):
            yield one.id
        elif isinstance(one, ast.Attribute):
            yield one.attr


_JUDGES: Mapping[str, Callable[[Finding, ast.Module], bool]] = {
    "unused-variable": _is_read,
    "likely-bug": _is_thrown_away,
    "dangerous-eval": _is_evaluator,
    "shell-injection": _is_fixed_command,
    "sql-injection": _is_prose,
}

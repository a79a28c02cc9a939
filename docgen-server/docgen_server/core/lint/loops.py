"""Whether a variable that ruff calls unused is so by mistake.

One that is read in the next round of a loop, above where it is set, is used; one called ``dummy`` says itself that it is not.
"""

import ast
import re
import warnings

from docgen_server.core.analysis.model import Finding

_NAME = re.compile(r"Local variable `(\w+)`")
_THROWN_AWAY = ("dummy", "unused", "ignored")
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def is_meant(finding: Finding, data: bytes) -> bool:
    """Whether the function that a variable stands in reads its name anywhere, or the name says that nobody does.

    Args:
        finding: An ``unused-variable``.
        data: The file.
    """
    match = _NAME.search(finding.message)
    if match is None:
        return False
    if match[1].startswith(_THROWN_AWAY):
        return True
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            module = ast.parse(data)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    around = [
        node
        for node in ast.walk(module)
        if isinstance(node, _FUNCTIONS) and node.lineno <= finding.start_line <= (node.end_lineno or node.lineno)
    ]
    innermost = max(around, key=lambda node: node.lineno, default=None)
    return innermost is not None and any(
        isinstance(node, ast.Name) and node.id == match[1] and isinstance(node.ctx, ast.Load)
        for node in ast.walk(innermost)
    )

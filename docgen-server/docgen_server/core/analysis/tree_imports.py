"""Which names an import binds, language by language: read from the text of its statement."""

import re
from collections.abc import Callable, Mapping

from tree_sitter import Node

Names = tuple[tuple[str, ...], tuple[str, ...]]
"""What is taken from the target, and how the file calls it; the first is empty when the whole target is bound."""

_NOTHING: Names = ((), ())
_EVERYTHING: Names = (("*",), ("*",))
_LONGEST = 4000
_DEFAULT = re.compile(r"^import\s+(?:type\s+)?([\w$]+)\s*(?:,|from)")
_NAMESPACE = re.compile(r"\*\s*as\s+([\w$]+)")
_BRACES = re.compile(r"\{([^{}]*)\}")
_AS = re.compile(r"^(?:type\s+)?([\w$*]+)(?:\s+as\s+([\w$]+))?$")
_RENAMED = re.compile(r"^([\w$]+)(?:\s*:\s*([\w$]+))?")
_VERSION = re.compile(r"^v\d+$")
_TAIL_AS = re.compile(r"\bas\s+(\w+)\s*;?\s*$")


def imported_names(language: str, node: Node, target: str) -> Names:
    """What an import takes and binds.

    Args:
        language: Name of the query that found it.
        node: The node that names the dependency.
        target: Its text.
    """
    reader = _READERS.get(language)
    return reader(node, target) if reader else _NOTHING


def _script(node: Node, _target: str) -> Names:
    statement = _ancestor(node, "import_statement", "export_statement")
    if statement is None:
        return _required(node)
    text = _text(statement)
    names: list[tuple[str, str]] = []
    if match := _DEFAULT.match(text):
        names.append(("default", match[1]))
    if match := _NAMESPACE.search(text):
        return ((), (match[1],))
    if match := _BRACES.search(text):
        names += _pairs(match[1], _AS)
    elif statement.type == "export_statement":
        return _EVERYTHING
    return tuple(name for name, _ in names), tuple(bound for _, bound in names)


def _required(node: Node) -> Names:
    declarator = _ancestor(node, "variable_declarator")
    name = declarator.child_by_field_name("name") if declarator is not None else None
    if name is None:
        return _NOTHING
    if name.type == "identifier":
        return ((), (_text(name),))
    pairs = _pairs(_text(name).strip("{}"), _RENAMED)
    return tuple(taken for taken, _ in pairs), tuple(bound for _, bound in pairs)


def _go(node: Node, target: str) -> Names:
    name = node.parent.child_by_field_name("name") if node.parent is not None else None
    if name is not None:
        return _EVERYTHING if _text(name) == "." else ((), (_text(name),))
    parts = [part for part in target.split("/") if not _VERSION.match(part)]
    return ((), ((parts or [target])[-1].removeprefix("go-").replace("-", "_"),))


def _dotted(node: Node, target: str) -> Names:
    """Java and its kin: the last part of the name, unless everything below it is meant."""
    statement = _text(node.parent) if node.parent is not None else target
    if statement.rstrip("; ").endswith(("*", "._")):
        return _EVERYTHING
    if match := _BRACES.search(statement):
        pairs = _pairs(match[1].replace("=>", " as "), _AS)
        return tuple(name for name, _ in pairs), tuple(bound for _, bound in pairs)
    alias = _TAIL_AS.search(statement)
    return ((), (alias[1] if alias else re.split(r"[.\\ ]", target.strip())[-1],))


def _rust(_node: Node, target: str) -> Names:
    if match := _BRACES.search(target):
        pairs = _pairs(match[1].replace("::", "_"), _AS)
        return tuple(name for name, _ in pairs), tuple(bound for _, bound in pairs)
    if target.endswith("*"):
        return _EVERYTHING
    alias = _TAIL_AS.search(target)
    return ((), (alias[1] if alias else target.rsplit("::", 1)[-1].strip(),))


def _zig(node: Node, _target: str) -> Names:
    declaration = _ancestor(node, "variable_declaration")
    name = next((child for child in declaration.children if child.type == "identifier"), None) if declaration else None
    return ((), (_text(name),)) if name is not None else _NOTHING


def _all(_node: Node, _target: str) -> Names:
    return _EVERYTHING


def _pairs(text: str, pattern: re.Pattern[str]) -> list[tuple[str, str]]:
    matches = (pattern.match(part.strip()) for part in text.split(","))
    return [(match[1], match[2] or match[1]) for match in matches if match]


def _ancestor(node: Node, *kinds: str) -> Node | None:
    found: Node | None = node
    for _ in range(4):
        found = found.parent if found is not None else None
        if found is not None and found.type in kinds:
            return found
    return None


def _text(node: Node) -> str:
    return (node.text or b"")[:_LONGEST].decode("utf-8", "replace")


_READERS: Mapping[str, Callable[[Node, str], Names]] = {
    "javascript": _script,
    "typescript": _script,
    "go": _go,
    "java": _dotted,
    "kotlin": _dotted,
    "scala": _dotted,
    "php": _dotted,
    "elixir": _dotted,
    "rust": _rust,
    "csharp": _all,
    "c": _all,
    "cpp": _all,
    "ruby": _all,
    "lua": _all,
    "bash": _all,
    "swift": _all,
    "zig": _zig,
    "haskell": _all,
}

"""Guards the tail: no module, function, component or test grows beyond the limits of the house style."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

MODULE_LINES = 400
TEST_LINES = 500
FUNCTION_LINES = 60
CONSTRUCTOR_ARGUMENTS = 6
SETTINGS_FIELDS = 40
COMPONENT_LINES = 250
SCRIPT_LINES = 200
BANNED_NAMES = {"utils", "util", "helpers", "helper", "misc", "manager", "common_utils"}
PATCHES_PER_TESTS = 50


def main() -> int:
    """Print what is too large; returns the number of findings, at most 1 as exit status."""
    files = [Path(line) for line in subprocess.check_output(["git", "ls-files"], text=True).splitlines()]
    findings = [finding for path in files if path.exists() for finding in check(path)]
    findings += check_patches([path for path in files if path.exists()])
    print("\n".join(findings) or f"sizes: {len(files)} files within the limits")
    return 1 if findings else 0


def check(path: Path) -> Iterator[str]:
    """Findings of one file."""
    if path.stem in BANNED_NAMES and path.suffix in {".py", ".ts", ".vue"}:
        yield f"{path}: a file needs a name that says what it is"
    if path.suffix == ".py" and "migrations" not in path.parts:
        yield from check_python(path)
    elif path.suffix == ".vue":
        yield from over(path, path.read_text().count("\n"), COMPONENT_LINES)
    elif (
        path.suffix == ".ts"
        and path.parts[:2] == ("web", "src")
        and not path.name.endswith((".test.ts", ".d.ts"))
        and "locales" not in path.parts
    ):
        yield from over(path, path.read_text().count("\n"), SCRIPT_LINES)


def check_python(path: Path) -> Iterator[str]:
    """Findings of one Python module."""
    text = path.read_text()
    yield from over(path, text.count("\n"), TEST_LINES if "tests" in str(path) else MODULE_LINES)
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if lines > FUNCTION_LINES:
                yield f"{path}:{node.lineno}: {node.name} has {lines} lines, the limit is {FUNCTION_LINES}"
            arguments = len(node.args.args) + len(node.args.kwonlyargs) - 1
            if node.name == "__init__" and arguments > CONSTRUCTOR_ARGUMENTS:
                yield f"{path}:{node.lineno}: a constructor with {arguments} arguments, the limit is {CONSTRUCTOR_ARGUMENTS}"
        if isinstance(node, ast.ClassDef) and node.name.endswith("Settings"):
            fields = sum(isinstance(item, ast.AnnAssign) for item in node.body)
            if fields > SETTINGS_FIELDS:
                yield f"{path}:{node.lineno}: {fields} settings, the limit is {SETTINGS_FIELDS}"


def check_patches(files: list[Path]) -> list[str]:
    """Tests pass fakes; replacing names is a last resort."""
    tests = [path for path in files if "tests" in str(path) and path.suffix == ".py"]
    text = "\n".join(path.read_text() for path in tests)
    patches = len(re.findall(r"monkeypatch\.setattr|mock\.patch|(?<![.\w])patch\(", text))
    count = len(re.findall(r"^\s*(?:async )?def test_", text, re.MULTILINE))
    allowed = count // PATCHES_PER_TESTS + 1
    return [f"{patches} patches in {count} tests, the limit is {allowed}"] if patches > allowed else []


def over(path: Path, lines: int, limit: int) -> Iterator[str]:
    """A finding if a file is too long."""
    if lines > limit:
        yield f"{path}: {lines} lines, the limit is {limit}"


if __name__ == "__main__":
    sys.exit(main())

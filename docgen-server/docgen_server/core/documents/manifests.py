"""What the manifests at the root of a repository say: what it is, how it is installed, run, built and tested."""

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

MANIFESTS = (
    "pyproject.toml", "setup.cfg", "setup.py", "go.mod", "Cargo.toml", "mix.exs", "composer.json", "Gemfile", "Rakefile",
    "package.json", "pom.xml", "build.gradle", "build.gradle.kts", "Package.swift", "CMakeLists.txt", "Makefile",
    "tox.ini", "noxfile.py", "docker-compose.yml", "compose.yaml",
)  # fmt: skip
"""Files that are read, the most telling first."""
PURPOSES = ("install", "build", "run", "test", "check", "other")
"""What commands are for, in the order a newcomer needs them."""
_MAKE_TARGET = re.compile(r"^([a-z][\w.-]*)\s*:(?![=])[^#\n]*(?:##\s*(.*))?$", re.MULTILINE)
_TOLD_TARGETS = frozenset({
    "install", "build", "run", "start", "serve", "dev", "test", "tests", "check", "lint", "format", "docs", "clean", "all", "bench",
})  # fmt: skip
_PURPOSES = (
    ("test", re.compile(r"test|spec|bench|coverage")),
    ("check", re.compile(r"lint|check|format|fmt|vet|type")),
    ("install", re.compile(r"install|bootstrap|setup")),
    ("build", re.compile(r"build|compile|dist|bundle|all")),
    ("run", re.compile(r"run|start|serve|dev|up")),
)
_MOST_COMMANDS = 4
"""For one purpose."""
_LONGEST_NOTE = 120
_LONGEST_SCRIPT = 60
"""Code in a table does not wrap."""


@dataclass(frozen=True, slots=True)
class Command:
    """Something to type, what for, and the line that says so."""

    purpose: str
    """``install``, ``build``, ``run``, ``test``, ``check`` or ``other``."""
    text: str
    note: str
    """What it does, in words."""
    path: str
    line: int
    script: str = ""
    """What it runs, as code."""


@dataclass(frozen=True, slots=True)
class EntryPoint:
    """A name that a manifest gives to a place in the code."""

    name: str
    target: str
    path: str
    line: int


@dataclass(slots=True)
class Project:
    """A repository as its manifests describe it."""

    name: str = ""
    description: str = ""
    version: str = ""
    license: str = ""
    requires: list[str] = field(default_factory=list)
    commands: list[Command] = field(default_factory=list)
    entry_points: list[EntryPoint] = field(default_factory=list)


def read_project(texts: Mapping[str, str]) -> Project:
    """Read all manifests at the root; one that cannot be read says nothing, and the others still do.

    Args:
        texts: Text by file name.
    """
    project = Project()
    for name in MANIFESTS:
        if name not in texts:
            continue
        reader = _READERS.get(name)
        try:
            if reader is not None:
                reader(project, name, texts[name])
        except (tomllib.TOMLDecodeError, orjson.JSONDecodeError, AttributeError, TypeError, ValueError):
            continue
    seen: dict[str, Command] = {}
    for command in project.commands:
        seen.setdefault(command.text, command)
    by_purpose = {purpose: [one for one in seen.values() if one.purpose == purpose] for purpose in PURPOSES}
    project.commands = [one for purpose in PURPOSES for one in by_purpose[purpose][:_MOST_COMMANDS]]
    return project


def _pyproject(project: Project, path: str, text: str) -> None:
    data = tomllib.loads(text)
    poetry = data.get("tool", {}).get("poetry", {})
    table = data.get("project", poetry)
    _describe(project, table)
    license_ = table.get("license", "")
    project.license = project.license or (license_.get("text", "") if isinstance(license_, dict) else str(license_))
    if needs := table.get("requires-python"):
        project.requires.append(f"Python {needs}")
    if project.name:
        _command(project, path, text, "install", f"pip install {project.name}", needle="name")
    for name, target in {**table.get("scripts", {}), **table.get("gui-scripts", {})}.items():
        project.entry_points.append(EntryPoint(name, str(target), path, _line(text, f"{name} =")))
    if "pytest" in data.get("tool", {}) or "pytest" in text:
        _command(project, path, text, "test", "pytest", needle="pytest")


def _setup_py(project: Project, path: str, text: str) -> None:
    if match := re.search(r"""\b(?:name|NAME)\s*=\s*['"]([\w.-]+)['"]""", text):
        project.name = project.name or match[1]
        _command(project, path, text, "install", f"pip install {match[1]}", needle=match[0])
    if match := re.search(r"""\bdescription\s*=\s*['"]([^'"]+)['"]""", text):
        project.description = project.description or match[1]
    if match := re.search(r"""\bpython_requires\s*=\s*['"]([^'"]+)['"]""", text):
        project.requires.append(f"Python {match[1]}")
    for match in re.finditer(r"""['"]\s*([\w-]+)\s*=\s*([\w.]+:[\w.]+)\s*['"]""", text):
        project.entry_points.append(EntryPoint(match[1], match[2], path, text.count("\n", 0, match.start()) + 1))


def _setup_cfg(project: Project, path: str, text: str) -> None:
    if match := re.search(r"^name\s*=\s*([\w.-]+)\s*$", text, re.MULTILINE):
        project.name = project.name or match[1]
    if match := re.search(r"^description\s*=\s*(.+)$", text, re.MULTILINE):
        project.description = project.description or match[1].strip()
    if "[tool:pytest]" in text:
        _command(project, path, text, "test", "pytest", needle="[tool:pytest]")


def _package_json(project: Project, path: str, text: str) -> None:
    data = orjson.loads(text)
    _describe(project, data)
    project.license = project.license or str(data.get("license") or "")
    for engine, needs in (data.get("engines") or {}).items():
        project.requires.append(f"{engine} {needs}")
    if project.name and not data.get("private"):
        _command(project, path, text, "install", f"npm install {project.name}", needle='"name"')
    for name, script in (data.get("scripts") or {}).items():
        text_ = f"npm {name}" if name in {"test", "start"} else f"npm run {name}"
        _command(project, path, text, _purpose(name), text_, script=str(script), needle=f'"{name}"')
    bins = data.get("bin") or {}
    for name, target in ({project.name: bins} if isinstance(bins, str) else bins).items():
        project.entry_points.append(EntryPoint(name, str(target), path, _line(text, '"bin"')))
    if isinstance(main := data.get("main"), str):
        project.entry_points.append(EntryPoint(project.name or "main", main, path, _line(text, '"main"')))


def _go_mod(project: Project, path: str, text: str) -> None:
    if match := re.search(r"^module\s+(\S+)", text, re.MULTILINE):
        project.name = project.name or match[1]
        _command(project, path, text, "install", f"go get {match[1]}", needle="module")
    if match := re.search(r"^go\s+([\d.]+)", text, re.MULTILINE):
        project.requires.append(f"Go {match[1]}")
    _command(project, path, text, "build", "go build ./...", needle="module")
    _command(project, path, text, "test", "go test ./...", needle="module")


def _cargo(project: Project, path: str, text: str) -> None:
    table = tomllib.loads(text).get("package", {})
    _describe(project, table)
    project.license = project.license or str(table.get("license", ""))
    for purpose in ("build", "test"):
        _command(project, path, text, purpose, f"cargo {purpose}", needle="[package]")


def _composer(project: Project, path: str, text: str) -> None:
    data = orjson.loads(text)
    _describe(project, data)
    _command(project, path, text, "install", "composer install", needle='"require"')
    for name in data.get("scripts") or {}:
        _command(project, path, text, _purpose(name), f"composer {name}", needle=f'"{name}"')


def _pom(project: Project, path: str, text: str) -> None:
    head = re.sub(r"<parent>.*?</parent>", "", text, count=1, flags=re.DOTALL)
    if match := re.search(r"<name>\s*([^<$]+?)\s*</name>|<artifactId>\s*([^<]+?)\s*</artifactId>", head):
        project.name = project.name or match[1] or match[2]
    if match := re.search(r"<description>\s*([^<]+?)\s*</description>", head):
        project.description = project.description or " ".join(match[1].split())
    _command(project, path, text, "build", "mvn package", needle="<project")
    _command(project, path, text, "test", "mvn test", needle="<project")


def _makefile(project: Project, path: str, text: str) -> None:
    for match in _MAKE_TARGET.finditer(text):
        if match[2] or match[1] in _TOLD_TARGETS:
            line = text.count("\n", 0, match.start()) + 1
            project.commands.append(
                Command(_purpose(match[1]), f"make {match[1]}", (match[2] or "")[:_LONGEST_NOTE], path, line)
            )


def _fixed(*commands: tuple[str, str]) -> Callable[[Project, str, str], None]:
    """A reader of a manifest whose presence alone says what to type."""

    def read(project: Project, path: str, _text: str) -> None:
        project.commands += [Command(purpose, text, "", path, 1) for purpose, text in commands]

    return read


def _mix(project: Project, path: str, text: str) -> None:
    if match := re.search(r"app:\s*:(\w+)", text):
        project.name = project.name or match[1]
    _fixed(("install", "mix deps.get"), ("test", "mix test"))(project, path, text)


def _describe(project: Project, table: Mapping[str, Any]) -> None:
    project.name = project.name or str(table.get("name") or "")
    project.description = project.description or str(table.get("description") or "")
    version = table.get("version")
    project.version = project.version or (version if isinstance(version, str) else "")


def _command(
    project: Project, path: str, text: str, purpose: str, command: str, *, needle: str, script: str = ""
) -> None:
    shown = script if len(script) <= _LONGEST_SCRIPT else f"{script[:_LONGEST_SCRIPT].rstrip()} …"
    project.commands.append(Command(purpose, command, "", path, _line(text, needle), shown))


def _purpose(name: str) -> str:
    return next((purpose for purpose, pattern in _PURPOSES if pattern.search(name)), "other")


def _line(text: str, needle: str) -> int:
    position = text.find(needle)
    return text.count("\n", 0, max(position, 0)) + 1


_READERS: Mapping[str, Callable[[Project, str, str], None]] = {
    "pyproject.toml": _pyproject,
    "setup.cfg": _setup_cfg,
    "setup.py": _setup_py,
    "package.json": _package_json,
    "go.mod": _go_mod,
    "Cargo.toml": _cargo,
    "composer.json": _composer,
    "pom.xml": _pom,
    "build.gradle": _fixed(("build", "gradle build"), ("test", "gradle test")),
    "build.gradle.kts": _fixed(("build", "gradle build"), ("test", "gradle test")),
    "Makefile": _makefile,
    "mix.exs": _mix,
    "Gemfile": _fixed(("install", "bundle install")),
    "Rakefile": _fixed(("test", "bundle exec rake")),
    "Package.swift": _fixed(("build", "swift build"), ("test", "swift test")),
    "CMakeLists.txt": _fixed(("build", "cmake -B build && cmake --build build"), ("test", "ctest --test-dir build")),
    "tox.ini": _fixed(("test", "tox")),
    "noxfile.py": _fixed(("test", "nox")),
    "docker-compose.yml": _fixed(("run", "docker compose up")),
    "compose.yaml": _fixed(("run", "docker compose up")),
}

"""External packages with their versions, from the manifests of ten ecosystems."""

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any, NamedTuple
from xml.etree.ElementTree import Element, ParseError

import orjson
from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

_REQUIREMENT = re.compile(
    r"^\s*(?P<name>[A-Za-z0-9][\w.-]*)\s*(?:\[[^\]]*\])?\s*\(?(?P<version>(?:[=<>!~]=?=?|@)[^;#)]*)?\)?\s*(?P<rest>;.*|#.*)?$"
)
_REQUIREMENTS_NAME = re.compile(r"(?i)(^|[-_.])requirements?([-_.].*)?\.(txt|in)$")
_GO_REQUIRE = re.compile(
    r"^\s*(?:require\s+)?(?P<name>[\w.-]+\.[\w.-]+/[\w./~-]+|[\w-]+\.[\w.-]+)\s+(?P<version>v[\w.+-]+)(?P<rest>.*)$"
)
_GRADLE = re.compile(
    r"^\s*(?P<scope>\w*(?:[iI]mplementation|[aA]pi|[cC]ompileOnly|[rR]untimeOnly|kapt|ksp|annotationProcessor))"
    r"\s*\(?\s*[\"'](?P<name>[\w.-]+:[\w.-]+)(?::(?P<version>[^\"'@:]+))?"
)
_GEM = re.compile(r"^\s*gem\s+[\"'](?P<name>[\w.-]+)[\"'](?:\s*,\s*[\"'](?P<version>[^\"']+)[\"'])?(?P<rest>.*)$")
_LARGEST_MANIFEST = 500_000
_MOST_PACKAGES = 3000
_MAVEN_SPACE = re.compile(r"\{[^}]*\}")


class Package(NamedTuple):
    """Something that a manifest asks for."""

    ecosystem: str
    """``pypi``, ``npm``, ``go``, ``cargo``, ``maven``, ``gem`` or ``composer``."""
    name: str
    version: str
    """As written; empty when none is asked for."""
    line: int
    scope: str
    """``runtime``, ``development`` or ``optional``."""


def read_manifest(path: str, text: str) -> list[Package]:
    """The packages of a manifest; of any other file, and of one that cannot be read, none.

    Args:
        path: Path in the repository; its last part decides.
        text: Content.
    """
    name = PurePosixPath(path).name
    reader = _READERS.get(name.lower()) or (_requirements if _REQUIREMENTS_NAME.search(name) else None)
    if reader is None and PurePosixPath(path).parent.name == "requirements" and name.endswith((".txt", ".in")):
        reader = _requirements
    if reader is None or len(text) > _LARGEST_MANIFEST:
        return []
    try:
        found = list(reader(text, name))
    except (ValueError, TypeError, AttributeError, KeyError, ParseError, DefusedXmlException, RecursionError):
        return []
    return found[:_MOST_PACKAGES]


def _requirements(text: str, name: str) -> Iterator[Package]:
    scope = "development" if re.search(r"(?i)dev|test|doc|lint|ci", name) else "runtime"
    for number, line in enumerate(text.split("\n"), 1):
        if found := _python_requirement(line, number, scope):
            yield found


def _python_requirement(text: str, line: int, scope: str) -> Package | None:
    match = _REQUIREMENT.match(text)
    return Package("pypi", match["name"], (match["version"] or "").strip(), line, scope) if match else None


def _pyproject(text: str, _name: str) -> Iterator[Package]:
    document = tomllib.loads(text)
    lines = _Lines(text)
    project = document.get("project", {})
    groups = [("runtime", project.get("dependencies", []))]
    groups += [("optional", items) for items in project.get("optional-dependencies", {}).values()]
    groups += [("development", items) for items in document.get("dependency-groups", {}).values()]
    for scope, items in groups:
        for item in items:
            if isinstance(item, str) and (found := _python_requirement(item, lines.of(item), scope)):
                yield found
    poetry = document.get("tool", {}).get("poetry", {})
    tables = [("runtime", poetry.get("dependencies", {})), ("development", poetry.get("dev-dependencies", {}))]
    tables += [("development", group.get("dependencies", {})) for group in poetry.get("group", {}).values()]
    for scope, table in tables:
        for name, wanted in table.items():
            if name != "python":
                yield Package("pypi", name, _version(wanted), lines.of(name), scope)


def _package_json(text: str, _name: str) -> Iterator[Package]:
    document = orjson.loads(text)
    lines = _Lines(text)
    for key, scope in _NPM_SCOPES.items():
        for name, version in (document.get(key) or {}).items():
            yield Package("npm", name, str(version), lines.of(f'"{name}"'), scope)


def _go_mod(text: str, _name: str) -> Iterator[Package]:
    inside = ""
    for number, line in enumerate(text.split("\n"), 1):
        stripped = line.strip()
        if stripped.endswith("("):
            inside = stripped.split()[0]
        elif stripped == ")":
            inside = ""
        elif (inside == "require" or stripped.startswith("require ")) and (match := _GO_REQUIRE.match(line)):
            yield Package(
                "go", match["name"], match["version"], number, "optional" if "indirect" in match["rest"] else "runtime"
            )


def _cargo(text: str, _name: str) -> Iterator[Package]:
    document = tomllib.loads(text)
    lines = _Lines(text)
    places = [document, document.get("workspace", {}), *document.get("target", {}).values()]
    for place in places:
        for key, scope in (
            ("dependencies", "runtime"),
            ("dev-dependencies", "development"),
            ("build-dependencies", "development"),
        ):
            for name, wanted in place.get(key, {}).items():
                is_local = isinstance(wanted, dict) and ("path" in wanted or "workspace" in wanted)
                if not is_local:
                    yield Package("cargo", name, _version(wanted), lines.of(name), scope)


def _maven(text: str, _name: str) -> Iterator[Package]:
    root = fromstring(text)
    lines = _Lines(text)
    properties = {_local(item): (item.text or "").strip() for holder in _all(root, "properties") for item in holder}
    for dependency in _all(root, "dependency"):
        values = {_local(item): (item.text or "").strip() for item in dependency}
        version = re.sub(r"\$\{([^}]+)\}", lambda match: properties.get(match[1], match[0]), values.get("version", ""))
        scope = "development" if values.get("scope") == "test" else "runtime"
        artifact = values.get("artifactId", "")
        yield Package(
            "maven", f"{values.get('groupId', '')}:{artifact}", version, lines.of(f"<artifactId>{artifact}<"), scope
        )


def _gradle(text: str, _name: str) -> Iterator[Package]:
    for number, line in enumerate(text.split("\n"), 1):
        if match := _GRADLE.match(line):
            scope = "development" if "test" in match["scope"].lower() else "runtime"
            yield Package("maven", match["name"], match["version"] or "", number, scope)


def _gemfile(text: str, _name: str) -> Iterator[Package]:
    for number, line in enumerate(text.split("\n"), 1):
        if match := _GEM.match(line):
            version = match["version"] or ("@" if re.search(r"\b(git|github|path):", match["rest"]) else "")
            yield Package("gem", match["name"], version, number, "runtime")


def _composer(text: str, _name: str) -> Iterator[Package]:
    document = orjson.loads(text)
    lines = _Lines(text)
    for key, scope in (("require", "runtime"), ("require-dev", "development")):
        for name, version in (document.get(key) or {}).items():
            if "/" in name:
                yield Package("composer", name, str(version), lines.of(f'"{name}"'), scope)


class _Lines:
    """Finds the line of an entry again, since parsers of data do not tell it."""

    def __init__(self, text: str) -> None:
        self._text = text

    def of(self, entry: str) -> int:
        """Line of the first occurrence; 1 when there is none, as for an entry with escapes."""
        at = self._text.find(entry)
        return self._text.count("\n", 0, at) + 1 if at >= 0 else 1


def _version(wanted: Any) -> str:
    if isinstance(wanted, str):
        return wanted
    if isinstance(wanted, dict):
        return str(wanted.get("version") or ("@" if {"git", "path", "url"} & wanted.keys() else ""))
    return ""


def _local(element: Element) -> str:
    return _MAVEN_SPACE.sub("", element.tag)


def _all(root: Element, name: str) -> Iterator[Element]:
    return (element for element in root.iter() if _local(element) == name)


_NPM_SCOPES = {
    "dependencies": "runtime", "devDependencies": "development",
    "peerDependencies": "optional", "optionalDependencies": "optional",
}  # fmt: skip
_READERS: Mapping[str, Callable[[str, str], Iterator[Package]]] = {
    "pyproject.toml": _pyproject,
    "package.json": _package_json,
    "go.mod": _go_mod,
    "cargo.toml": _cargo,
    "pom.xml": _maven,
    "build.gradle": _gradle,
    "build.gradle.kts": _gradle,
    "gemfile": _gemfile,
    "composer.json": _composer,
}


def is_pinned(package: Package) -> bool:
    """Whether a manifest says at least roughly which version is meant."""
    return package.version.strip() not in {"", "*", "latest", "x", "@latest"}


def find_unpinned(path: str, packages: Sequence[Package]) -> Iterator[Package]:
    """Packages of which any version will do, in files where a version is usual.

    Maven and Gradle take it from elsewhere (a parent, a platform), Gemfiles from their lock file, and a Python library is
    right to leave its ``pyproject.toml`` open: only a list of requirements for an installation is judged.
    """
    name = PurePosixPath(path).name.lower()
    if name not in {"package.json", "cargo.toml", "composer.json"} and not name.endswith(".txt"):
        return
    yield from (package for package in packages if package.scope == "runtime" and not is_pinned(package))

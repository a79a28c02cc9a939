"""Resolves imports language by language.

A resolver turns one import into candidate paths; the first that exists is meant. What a language spells like a path is
looked up by its end, since source roots (``src/``, ``lib/``, ``app/src/main/java/``) are not written in imports.
"""

import posixpath
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import orjson

from codemuse.contracts.common import Language
from docgen_server.core.analysis.model import Import
from docgen_server.core.linking.standard import is_standard

_SCRIPT_ENDINGS = ("", ".ts", ".tsx", ".d.ts", ".js", ".jsx", ".mjs", ".cjs", ".vue", ".json")
_SCRIPT_ENDINGS_INDEX = tuple(f"/index{ending}" for ending in _SCRIPT_ENDINGS[1:])
_EMITTED = re.compile(r"\.(m|c)?jsx?$")
_GO_MODULE = re.compile(r"^module\s+(\S+)", re.MULTILINE)
_JSON_TOKEN = re.compile(r'("(?:\\.|[^"\\])*")|//[^\n]*|/\*.*?\*/|,(?=\s*[}\]])', re.DOTALL)
MANIFEST_NAMES = frozenset({"go.mod", "tsconfig.json", "jsconfig.json", "package.json"})


@dataclass(frozen=True, slots=True)
class Resolution:
    """What an import means."""

    paths: tuple[str, ...] = ()
    """Files of the repository."""
    external: str | None = None
    """Name of a package from outside."""


@dataclass(slots=True)
class PathIndex:
    """The files of a snapshot, found by path, by folder and by the end of their path."""

    paths: frozenset[str]
    manifests: Mapping[str, str] = field(default_factory=dict)
    """Text of ``go.mod``, ``tsconfig.json`` and ``package.json`` files by path."""
    _by_name: dict[str, list[str]] = field(default_factory=dict)
    _by_folder: dict[str, list[str]] = field(default_factory=dict)
    _go_modules: list[tuple[str, str]] = field(default_factory=list)
    _aliases: list[tuple[str, str, list[str]]] = field(default_factory=list)
    _packages: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for path in sorted(self.paths):
            folder, _, name = path.rpartition("/")
            self._by_name.setdefault(name, []).append(path)
            self._by_folder.setdefault(folder, []).append(path)
        for path, text in self.manifests.items():
            self._read_manifest(path, text)

    def first(self, candidates: Iterable[str]) -> str | None:
        """The first candidate that is a file."""
        return next((path for path in candidates if path in self.paths), None)

    def by_suffix(self, suffix: str, near: str) -> str | None:
        """The file whose path ends like this; of several the one that shares the longest beginning with ``near``."""
        found = [
            path
            for path in self._by_name.get(suffix.rpartition("/")[2], ())
            if path == suffix or path.endswith("/" + suffix)
        ]
        return max(found, key=lambda path: (len(posixpath.commonprefix([path, near])), -len(path)), default=None)

    def in_folder(self, folder: str, ending: str) -> list[str]:
        """Files directly in a folder."""
        return [path for path in self._by_folder.get(folder, ()) if path.endswith(ending)]

    def go_folder(self, target: str) -> str | None:
        """Folder of a Go package of this repository."""
        for module, folder in self._go_modules:
            if target == module or target.startswith(module + "/"):
                return (
                    posixpath.normpath(posixpath.join(folder, target[len(module) + 1 :])).removeprefix(".").lstrip("/")
                )
        return None

    def script_roots(self, importer: str, target: str) -> list[str]:
        """Where a bare JavaScript name may lead inside this repository: path aliases and workspace packages."""
        roots: list[str] = []
        for folder, prefix, places in self._aliases:
            if target.startswith(prefix) and (not folder or importer.startswith(folder + "/")):
                roots += [posixpath.normpath(posixpath.join(place, target[len(prefix) :])) for place in places]
        for name, folder in self._packages.items():
            if target == name or target.startswith(name + "/"):
                rest = target[len(name) + 1 :]
                roots += [posixpath.join(folder, part, rest).rstrip("/") for part in ("", "src", "lib")]
        return roots

    def _read_manifest(self, path: str, text: str) -> None:
        folder, _, name = path.rpartition("/")
        if name == "go.mod":
            if match := _GO_MODULE.search(text):
                self._go_modules.append((match[1].strip('"'), folder))
                self._go_modules.sort(key=lambda item: -len(item[0]))
            return
        try:
            document = orjson.loads(_JSON_TOKEN.sub(lambda match: match[1] or "", text))
        except orjson.JSONDecodeError:
            return
        if isinstance(document, dict):
            if name == "package.json":
                if isinstance(document.get("name"), str):
                    self._packages[document["name"]] = folder
            else:
                self._read_aliases(folder, document.get("compilerOptions"))

    def _read_aliases(self, folder: str, options: object) -> None:
        if not isinstance(options, dict):
            return
        base = posixpath.join(folder, str(options.get("baseUrl", ".")))
        paths = options.get("paths")
        for pattern, places in (paths if isinstance(paths, dict) else {}).items():
            if isinstance(places, list):
                targets = [posixpath.join(base, str(place).removesuffix("*")) for place in places]
                self._aliases.append((folder, pattern.removesuffix("*"), targets))


Resolver = Callable[[PathIndex, str, Import], Resolution]


def resolve(index: PathIndex, importer: str, language: str, statement: Import) -> Resolution:
    """What an import of a file means."""
    resolver = _RESOLVERS.get(language)
    if resolver is None or not statement.target:
        return Resolution()
    found = resolver(index, importer, statement)
    return Resolution(found.paths, None if is_standard(language, found.external) else found.external)


def _python(index: PathIndex, importer: str, statement: Import) -> Resolution:
    target = statement.target.lstrip(".")
    level = len(statement.target) - len(target)
    module = target.replace(".", "/")
    if level:
        folder = importer.rpartition("/")[0]
        for _ in range(level - 1):
            folder = folder.rpartition("/")[0]
        module = posixpath.join(folder, module) if module else folder
        return Resolution(_python_files(index, module, statement.names, lambda path: index.first([path])))
    found = _python_files(index, module, statement.names, lambda path: _python_root(index, path, importer))
    return Resolution(found) if found else Resolution(external=target.split(".", 1)[0])


def _python_files(
    index: PathIndex, module: str, names: Sequence[str], find: Callable[[str], str | None]
) -> tuple[str, ...]:
    """The module itself, or the submodules that are named in ``from package import submodule``."""
    package = find(f"{module}/__init__.py") if module else find("__init__.py")
    folder = package.rpartition("/")[0] if package else module
    beside = [posixpath.join(folder, name) for name in names]
    submodules = [index.first([f"{path}.py", f"{path}/__init__.py", f"{path}.pyi"]) for path in beside]
    found = [path for path in submodules if path]
    itself = find(f"{module}.py") or package or find(f"{module}.pyi")
    if itself and len(found) < max(len(names), 1):
        found.insert(0, itself)
    return tuple(dict.fromkeys(found))


def _python_root(index: PathIndex, path: str, importer: str) -> str | None:
    """A module from a source root: the repository's, the importer's own folder, or one that the path begins below."""
    folder = importer.rpartition("/")[0]
    exact = index.first([path, f"src/{path}"])
    if exact is None and f"{folder}/__init__.py" not in index.paths:
        # Scripts that stand side by side in a folder that is no package see each other.
        exact = index.first([posixpath.join(folder, path)])
    if exact:
        return exact
    if "/" not in path:
        return None
    found = index.by_suffix(path, importer)
    if found is None:
        return None
    root = found[: -len(path)].rstrip("/")
    return None if index.first([f"{root}/__init__.py"]) else found


def _script(index: PathIndex, importer: str, statement: Import) -> Resolution:
    target = statement.target.split("?", 1)[0]
    if target.startswith("."):
        base = posixpath.normpath(posixpath.join(importer.rpartition("/")[0], target))
        return Resolution(_script_file(index, "" if base == "." else base))
    for root in index.script_roots(importer, target):
        if found := _script_file(index, root):
            return Resolution(found)
    parts = target.removeprefix("node:").split("/")
    return Resolution(external="/".join(parts[:2]) if target.startswith("@") else parts[0])


def _script_file(index: PathIndex, base: str) -> tuple[str, ...]:
    stem = _EMITTED.sub("", base)
    candidates = [base + ending for ending in _SCRIPT_ENDINGS]
    candidates += [stem + ending for ending in _SCRIPT_ENDINGS[1:]] if stem != base else []
    candidates += [(base + ending).lstrip("/") for ending in _SCRIPT_ENDINGS_INDEX]
    found = index.first(candidates)
    return (found,) if found else ()


def _go(index: PathIndex, importer: str, statement: Import) -> Resolution:
    folder = index.go_folder(statement.target)
    if folder is None:
        parts = statement.target.split("/")
        return Resolution(external="/".join(parts[:3]) if "." in parts[0] else statement.target)
    files = [path for path in index.in_folder(folder, ".go") if not path.endswith("_test.go")]
    return Resolution(tuple(files[:1]) if importer in files else tuple(files))


def _dotted(*endings: str) -> Resolver:
    """Languages that name a class by its package: the last parts may be members of it."""

    def resolver(index: PathIndex, importer: str, statement: Import) -> Resolution:
        parts = [
            part
            for part in re.split(r"[.\\]", statement.target.split("{", 1)[0].split(" ")[-1])
            if part and part != "*"
        ]
        for end in range(len(parts), max(len(parts) - 2, 0), -1):
            for ending in endings:
                if end > 1 and (found := index.by_suffix("/".join(parts[:end]) + ending, importer)):
                    return Resolution((found,))
        for path in _package_folder(index, importer, parts, endings):
            return Resolution((path,))
        return Resolution(external=".".join(parts[:2]) or None)

    return resolver


def _package_folder(index: PathIndex, importer: str, parts: Sequence[str], endings: Sequence[str]) -> list[str]:
    """Files of a package that is imported as a whole, from the importer's own source root."""
    folder = importer.rpartition("/")[0]
    at = f"/{folder}/".find(f"/{parts[0]}/") if parts else -1
    if at < 0:
        return []
    root = folder[:at]
    return [path for ending in endings for path in index.in_folder(posixpath.join(root, *parts), ending)]


def _php(index: PathIndex, importer: str, statement: Import) -> Resolution:
    """By file, or by class: the first parts of a namespace stand for a source root."""
    if statement.target.endswith(".php"):
        return _include(index, importer, statement)
    parts = [part for part in statement.target.split("\\") if part]
    for start in range(max(len(parts) - 1, 0)):
        if found := index.by_suffix("/".join(parts[start:]) + ".php", importer):
            return Resolution((found,))
    return Resolution(external=parts[0] if parts else None)


def _include(index: PathIndex, importer: str, statement: Import) -> Resolution:
    beside = posixpath.normpath(posixpath.join(importer.rpartition("/")[0], statement.target))
    found = index.first([beside]) or index.by_suffix(statement.target, importer)
    return Resolution((found,)) if found else Resolution(external=statement.target.split("/", 1)[0])


def _named(*endings: str) -> Resolver:
    """Languages that load by a path without its ending."""

    def resolver(index: PathIndex, importer: str, statement: Import) -> Resolution:
        target = statement.target.replace(".", "/") if ".lua" in endings else statement.target
        for ending in (*endings, ""):
            result = _include(index, importer, Import(target + ending, statement.line))
            if result.paths:
                return result
        return Resolution(external=target.split("/", 1)[0])

    return resolver


def _rust(index: PathIndex, importer: str, statement: Import) -> Resolution:
    folder, _, name = importer.rpartition("/")
    inner = folder if name in {"mod.rs", "lib.rs", "main.rs"} else posixpath.join(folder, name.removesuffix(".rs"))
    parts = [part.strip() for part in statement.target.split("{", 1)[0].split("::") if part.strip()]
    if len(parts) == 1 and "::" not in statement.target:
        found = index.first([posixpath.join(inner, f"{parts[0]}.rs"), posixpath.join(inner, parts[0], "mod.rs")])
        return Resolution((found,)) if found else Resolution(external=parts[0])
    if not parts or parts[0] not in {"crate", "self", "super"}:
        return Resolution(external=parts[0] if parts else None)
    root = _rust_root(folder) if parts[0] == "crate" else inner
    for part in parts:
        root = root.rpartition("/")[0] if part == "super" else root
    rest = [part for part in parts if part not in {"crate", "self", "super"}]
    for end in range(len(rest), 0, -1):
        base = posixpath.join(root, *rest[:end])
        if found := index.first([f"{base}.rs", f"{base}/mod.rs"]):
            return Resolution((found,))
    found = index.first([f"{root}/lib.rs", f"{root}/main.rs", f"{root}/mod.rs", f"{root}.rs"])
    return Resolution((found,)) if found else Resolution()


def _rust_root(folder: str) -> str:
    parts = folder.split("/")
    return "/".join(parts[: parts.index("src") + 1]) if "src" in parts else folder


def _elixir(index: PathIndex, importer: str, statement: Import) -> Resolution:
    parts = [re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", part).lower() for part in statement.target.split(".")]
    found = index.by_suffix("/".join(parts) + ".ex", importer)
    return Resolution((found,)) if found else Resolution(external=statement.target.split(".", 1)[0])


_RESOLVERS: Mapping[str, Resolver] = {
    Language.PYTHON: _python,
    Language.JAVASCRIPT: _script,
    Language.TYPESCRIPT: _script,
    Language.TSX: _script,
    Language.VUE: _script,
    Language.GO: _go,
    Language.JAVA: _dotted(".java", ".kt"),
    Language.KOTLIN: _dotted(".kt", ".java"),
    Language.SCALA: _dotted(".scala", ".java"),
    Language.PHP: _php,
    Language.CSHARP: _dotted(".cs"),
    Language.C: _include,
    Language.CPP: _include,
    Language.RUBY: _named(".rb"),
    Language.LUA: _named(".lua", "/init.lua"),
    Language.BASH: _include,
    Language.ZIG: _include,
    Language.HASKELL: _dotted(".hs"),
    Language.RUST: _rust,
    Language.ELIXIR: _elixir,
}

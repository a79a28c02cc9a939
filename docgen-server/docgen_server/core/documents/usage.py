"""Who uses whom among the definitions of a snapshot, as pages show it: by path and qualified name."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from docgen_server.core.analysis.analyser import is_test_path
from docgen_server.core.analysis.model import ReferenceKind
from docgen_server.core.linking.program import Program, Site
from docgen_server.core.linking.symbol_graph import SymbolGraph

_LEAST_CONFIDENCE = 0.5
"""Below this only the name fits."""

Name = tuple[str, str]
"""Path and qualified name; the name of a module's own code is empty."""


@dataclass(slots=True)
class Usage:
    """Links between definitions, tests left out as users."""

    users: dict[Name, list[Name]] = field(default_factory=dict)
    """Who mentions a definition, each once, in path order."""
    calls: dict[str, list[tuple[Name, Name]]] = field(default_factory=dict)
    """Calls that begin or end in a file, each once."""
    bases: dict[Name, list[Name]] = field(default_factory=dict)
    """What a type extends inside the repository."""

    def subtypes(self, path: str) -> Iterator[tuple[Name, Name]]:
        """Base and heir of every inheritance that a file has a part in."""
        for heir, bases in self.bases.items():
            for base in bases:
                if path in {base[0], heir[0]}:
                    yield base, heir


def read_usage(program: Program, graph: SymbolGraph, paths: frozenset[str]) -> Usage:
    """The links that are sure enough to be shown, of those that begin or end in some files."""
    usage = Usage()
    seen: set[tuple[Name, Name, ReferenceKind]] = set()
    found = (link for link in graph.links if link.source.path in paths or link.target.path in paths)
    for link in sorted(found, key=lambda one: (one.source.path, one.line)):
        if link.confidence < _LEAST_CONFIDENCE or is_test_path(link.source.path):
            continue
        source, target = _name(program, link.source), _name(program, link.target)
        if source == target or (source, target, link.kind) in seen:
            continue
        seen.add((source, target, link.kind))
        if source not in usage.users.setdefault(target, []):
            usage.users[target].append(source)
        if link.kind is ReferenceKind.CALL:
            for path in {source[0], target[0]}:
                usage.calls.setdefault(path, []).append((source, target))
        if link.kind is ReferenceKind.BASE:
            usage.bases.setdefault(source, []).append(target)
    return usage


def list_packages(program: Program) -> dict[str, str]:
    """Versions that manifests ask for, by name in lower case with ``_`` for ``-``."""
    versions: dict[str, str] = {}
    for package in _packages(program):
        versions.setdefault(normal_name(package[0]), package[1])
    return versions


def normal_name(name: str) -> str:
    """How a package is called in imports as well as in manifests."""
    return name.lower().replace("-", "_")


def _packages(program: Program) -> Iterable[tuple[str, str]]:
    return ((package.name, package.version) for file in program.files.values() for package in file.packages)


def _name(program: Program, site: Site) -> Name:
    if site.ordinal < 0:
        return site.path, ""
    return site.path, program.definition(site).qualified_name

"""Who uses whom among the definitions of a snapshot, as pages show it: by path and qualified name."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b

import orjson

from docgen_server.core.analysis.analyser import is_test_path
from docgen_server.core.analysis.model import ReferenceKind
from docgen_server.core.linking.program import Program, Site
from docgen_server.core.linking.symbol_graph import FileUses, SymbolGraph

_LEAST_CONFIDENCE = 0.5
"""Below this only the name fits."""

Name = tuple[str, str]
"""Path and qualified name; the name of a module's own code is empty."""
Mention = tuple[Name, Name, str]
"""Who mentions whom, and as what (a kind of reference)."""


@dataclass(slots=True)
class Usage:
    """Links between definitions that are sure enough to be shown, tests left out as users."""

    touching: Mapping[str, Mapping[str, Sequence[Mention]]] = field(default_factory=dict)
    """By file, and by the file that they begin in: what begins or ends in the file, in source order."""
    read: Mapping[str, tuple[FileUses, Sequence[Mention]]] = field(default_factory=dict)
    """By file: the links that begin in it, and what was made of them."""
    digests: dict[str, str] = field(default_factory=dict)
    """Those that were asked for, by file."""

    def users(self, path: str) -> dict[str, list[Name]]:
        """Who mentions the definitions of a file, by their names: each once, in path order."""
        users: dict[str, dict[Name, None]] = {}
        for source, target, _ in self._all(path):
            if target[0] == path:
                users.setdefault(target[1], {})[source] = None
        return {name: list(found) for name, found in users.items()}

    def calls(self, path: str) -> list[tuple[Name, Name]]:
        """Calls that begin or end in a file, each once."""
        return [(source, target) for source, target, kind in self._all(path) if kind == ReferenceKind.CALL]

    def subtypes(self, path: str) -> list[tuple[Name, Name]]:
        """Base and heir of every inheritance that a file has a part in."""
        return [(target, source) for source, target, kind in self._all(path) if kind == ReferenceKind.BASE]

    def digest(self, path: str) -> str:
        """Hash of everything that is known here of a file."""
        if path not in self.digests:
            self.digests[path] = blake2b(orjson.dumps(list(self._all(path))), digest_size=16).hexdigest()
        return self.digests[path]

    def _all(self, path: str) -> Iterator[Mention]:
        found = self.touching.get(path, {})
        return (mention for source in sorted(found) for mention in found[source])


def read_usage(program: Program, graph: SymbolGraph, before: Usage | None = None) -> Usage:
    """The links of a program as pages show them.

    Args:
        program: The files.
        graph: Their links.
        before: The same of a program before: what comes from links that still stand is taken over.
    """
    known = before or Usage()
    kept = {path: known.read[path] for path, uses in graph.by_file.items() if _still(known, path, uses)}
    fresh = {path: (uses, _mentions(program, uses)) for path, uses in graph.by_file.items() if path not in kept}
    altered = {path: known.read.get(path, (None, ()))[1] for path in (*fresh, *known.read) if path not in kept}
    touching = dict(known.touching)
    digests = dict(known.digests)
    for source, old in altered.items():
        new = fresh[source][1] if source in fresh else ()
        if old == new:
            continue
        for path, mentions in _by_end(new, _ends(old)).items():
            others = {name: found for name, found in touching.get(path, {}).items() if name != source}
            touching[path] = others | {source: mentions} if mentions else others
            digests.pop(path, None)
    return Usage(touching, kept | fresh, digests)


def _still(usage: Usage, path: str, uses: FileUses) -> bool:
    return path in usage.read and usage.read[path][0] is uses


def _mentions(program: Program, uses: FileUses) -> list[Mention]:
    """What a file mentions, each once, in source order."""
    found: dict[Mention, None] = {}
    for link in sorted(uses.links, key=lambda one: one.line):
        if link.confidence < _LEAST_CONFIDENCE or is_test_path(link.source.path):
            continue
        source, target = _name(program, link.source), _name(program, link.target)
        if source != target:
            found[source, target, str(link.kind)] = None
    return list(found)


def _ends(mentions: Iterable[Mention]) -> set[str]:
    return {name[0] for source, target, _ in mentions for name in (source, target)}


def _by_end(mentions: Sequence[Mention], others: Iterable[str]) -> dict[str, list[Mention]]:
    """Mentions by each file that has a part in them; other files have none any more."""
    found: dict[str, list[Mention]] = {path: [] for path in others}
    for mention in mentions:
        for path in {mention[0][0], mention[1][0]}:
            found.setdefault(path, []).append(mention)
    return found


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

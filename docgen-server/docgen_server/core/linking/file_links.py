"""What linking needs of one file, packed small: stored with the facts, read back for a whole snapshot at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

import orjson

from docgen_server.core.analysis.model import MODULE, Binding, Definition, FileFacts, Import, Reference, ReferenceKind
from docgen_server.core.packages.manifests import Package

_KINDS = tuple(ReferenceKind)
_KIND_NUMBERS = {kind: number for number, kind in enumerate(_KINDS)}
_OVERRIDES = (".setter", ".deleter", ".getter")


class LinkDefinition(NamedTuple):
    """A definition without its text."""

    name: str
    qualified_name: str
    kind: str
    line: int
    end_line: int
    depth: int
    visibility: str
    decorators: tuple[str, ...]


@dataclass(eq=False)
class FileLinks:
    """Definitions, imports, bindings and references of one file; the same only as itself."""

    path: str
    language: str
    definitions: Sequence[LinkDefinition]
    imports: Sequence[Import] = ()
    bindings: Sequence[Binding] = ()
    references: Sequence[Reference] = ()
    lonely: frozenset[str] = field(default_factory=frozenset)
    """Names that occur in this file only where they are defined."""
    packages: Sequence[Package] = ()
    fingerprints: Sequence[tuple[int, int, int]] = ()
    suppressions: Mapping[int, Sequence[str]] = field(default_factory=dict)

    @cached_property
    def parents(self) -> list[int]:
        """Ordinal of the definition that each definition stands in."""
        parents: list[int] = []
        trail: list[int] = []
        for ordinal, item in enumerate(self.definitions):
            while trail and not _contains(self.definitions[trail[-1]], item):
                trail.pop()
            parents.append(trail[-1] if trail else MODULE)
            trail.append(ordinal)
        return parents

    @cached_property
    def members(self) -> dict[str, dict[str, int]]:
        """Ordinals by name, by the qualified name of what they belong to; the module is ``""``."""
        members: dict[str, dict[str, int]] = {}
        for ordinal, item in enumerate(self.definitions):
            owner = item.qualified_name[: -len(item.name)].rstrip(".") if item.name else ""
            if not any(name.endswith(_OVERRIDES) for name in item.decorators):
                members.setdefault(owner, {})[item.name] = ordinal
        return members

    @cached_property
    def values(self) -> dict[tuple[int, str], list[Binding]]:
        """Bindings by owner and name."""
        values: dict[tuple[int, str], list[Binding]] = {}
        for binding in self.bindings:
            values.setdefault((binding.owner, binding.name), []).append(binding)
        return values

    @cached_property
    def bases(self) -> dict[int, list[Reference]]:
        """What each type inherits from, as written."""
        bases: dict[int, list[Reference]] = {}
        for reference in self.references:
            if reference.kind is ReferenceKind.BASE:
                bases.setdefault(reference.scope, []).append(reference)
        return bases

    @cached_property
    def imported(self) -> dict[str, tuple[Import, str | None]]:
        """By the name that the file calls it: the import, and what it takes from its target (nothing: all of it)."""
        imported: dict[str, tuple[Import, str | None]] = {}
        for statement in self.imports:
            names: Sequence[str | None] = statement.names or (None,) * max(len(statement.bound), 1)
            bound = statement.bound or (statement.target.split(".", 1)[0],)
            for local, name in zip(bound, names, strict=False):
                if local not in imported or not statement.deferred:
                    imported[local] = (statement, name)
        return imported

    @cached_property
    def interface(self) -> dict[str, list[tuple[object, ...]]]:
        """What the file says under each name, but for line numbers: links of others stand while it stays the same."""
        said: dict[str, list[tuple[object, ...]]] = {}
        for ordinal, item in enumerate(self.definitions):
            bases = tuple(one.chain for one in self.bases.get(ordinal, ()))
            said.setdefault(item.name, []).append((*item[1:3], *item[5:], bases))
        for binding in self.bindings:
            owner, scope = self._name_of(binding.owner), self._name_of(binding.scope)
            entry = (owner, binding.name, binding.value, scope)
            for name in {binding.name, owner.rpartition(".")[2]}:
                said.setdefault(name, []).append(entry)
        for statement in self.imports:
            for name in ("*",) if "*" in statement.names else statement.bound or (statement.target.split(".", 1)[0],):
                said.setdefault(name, []).append(
                    (statement.target, statement.names, statement.deferred, statement.bound)
                )
        return said

    def _name_of(self, ordinal: int) -> str:
        return self.definitions[ordinal].qualified_name if ordinal != MODULE else ""


def _contains(outer: LinkDefinition, inner: LinkDefinition) -> bool:
    return outer.depth < inner.depth and outer.end_line >= inner.line


def pack_links(facts: FileFacts) -> bytes:
    """Everything of a file that linking needs."""
    kept = [ordinal for ordinal, item in enumerate(facts.definitions) if item.kind != "section"]
    return orjson.dumps([
        [_definition(facts.definitions[ordinal]) for ordinal in kept],
        [[item.target, item.line, item.names, item.deferred, item.bound] for item in facts.imports],
        [tuple(item) for item in facts.bindings],
        [(item.scope, _KIND_NUMBERS[item.kind], item.chain, item.line) for item in facts.references],
        facts.lonely,
        [tuple(item) for item in facts.packages],
        facts.fingerprints,
        list(facts.suppressions.items()),
    ])  # fmt: skip


def unpack_links(path: str, language: str, stored: bytes) -> FileLinks:
    """The same, from its packed form."""
    definitions, imports, bindings, references, lonely, packages, marks, suppressions = orjson.loads(stored)
    return FileLinks(
        path,
        language,
        [LinkDefinition._make([*item[:7], tuple(item[7])]) for item in definitions],
        [_import(*item) for item in imports],
        [Binding(*item) for item in bindings],
        [Reference(scope, _KINDS[kind], chain, line) for scope, kind, chain, line in references],
        frozenset(lonely),
        [Package(*item) for item in packages],
        marks,
        dict(suppressions),
    )


def _import(target: str, line: int, names: list[str], deferred: bool, bound: list[str]) -> Import:
    return Import(target, line, tuple(names), deferred, tuple(bound))


def _definition(item: Definition) -> tuple[object, ...]:
    visibility = "local" if item.local else item.visibility
    return (
        item.name, item.qualified_name, item.kind, item.line, item.end_line, item.depth, visibility, item.decorators,
    )  # fmt: skip

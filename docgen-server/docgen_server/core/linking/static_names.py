"""What a name means in the languages read by tree-sitter: scopes, imports, packages, declared types, inheritance.

One procedure for all of them; what differs is a small table: which languages see each other, and where names are visible
without an import. How sure a result is depends on what led to it.
"""

import re
from collections.abc import Iterable, Iterator, Mapping

from codemuse.contracts.common import Language
from docgen_server.core.analysis.model import CONTAINER_KINDS, FUNCTION_KINDS, MODULE, Import, Reference, ReferenceKind
from docgen_server.core.linking.file_links import FileLinks
from docgen_server.core.linking.program import Program, Site, Target

_STEP = re.compile(r"\w+|\(\)|\[\]|\?")
_SELF = frozenset({"this", "self", "Self", "cls"})
_SUPER = frozenset({"super", "base", "parent"})
_TYPE_KINDS = CONTAINER_KINDS | {"type"}
_EXPORTS = ("", "exports", "module.exports")
_CERTAIN, _TYPED, _VISIBLE, _UNIQUE, _BY_METHOD = 1.0, 0.9, 0.9, 0.5, 0.4
_FAMILIES: Mapping[str, str] = {
    Language.TYPESCRIPT: Language.JAVASCRIPT, Language.TSX: Language.JAVASCRIPT, Language.VUE: Language.JAVASCRIPT,
    Language.KOTLIN: Language.JAVA, Language.SCALA: Language.JAVA, Language.C: Language.CPP,
}  # fmt: skip
_FOLDER_IS_PACKAGE = frozenset({Language.GO, Language.JAVA, Language.KOTLIN, Language.SCALA})
_NEEDS_IMPORTS = frozenset({Language.JAVASCRIPT, Language.TYPESCRIPT, Language.TSX, Language.PYTHON, Language.ZIG})
_COMMON = frozenset({
    "get", "set", "add", "put", "remove", "delete", "push", "pop", "map", "filter", "forEach", "find", "close", "open", "read",
    "write", "run", "start", "stop", "size", "length", "len", "next", "append", "insert", "clear", "contains", "has", "keys",
    "values", "call", "apply", "bind", "toString", "equals", "hashCode", "String", "Error", "print", "println", "printf", "join",
    "split", "replace", "test", "match", "send", "on", "emit", "then", "catch", "each", "new", "to_s", "init", "parse", "format",
    "name", "type", "value", "copy", "clone", "unwrap", "iter", "into", "from", "is_empty", "as_ref", "reduce", "some", "every",
})  # fmt: skip


class StaticNames:
    """Resolves references of every language but Python."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._lines: dict[Site, list[Site]] = {}
        self._known: dict[tuple[str, int, str], Target | None] = {}

    def targets(self, file: FileLinks, reference: Reference) -> list[Target]:
        """The definition that is meant; nothing when it is not in the repository, or cannot be told."""
        scope = reference.scope
        if reference.kind is ReferenceKind.BASE and scope != MODULE:
            scope = file.parents[scope]
        key = (file.path, scope, reference.chain)
        if key not in self._known:
            self._known[key] = self._resolve(file, scope, reference.chain)
        target = self._known[key]
        if target is None or (target.site == Site(file.path, reference.scope) and reference.kind is ReferenceKind.BASE):
            return []
        if reference.kind is not ReferenceKind.CALL and self._program.definition(target.site).kind in FUNCTION_KINDS:
            return []
        return [target]

    def _resolve(self, file: FileLinks, scope: int, chain: str) -> Target | None:
        steps = _STEP.findall(chain)
        name = next((step for step in reversed(steps) if step.isidentifier()), "")
        if steps[0] == "?":
            return self._by_method(file, name)
        found = self._begin(file, scope, steps[0])
        rest = steps[1:]
        if found is None and rest and rest[0].isidentifier():
            found, rest = self._dotted(file, steps)
        for step in rest:
            found = self._step(found, step) if found is not None else None
        is_global = file.language in _NEEDS_IMPORTS and steps[0][0].isupper()
        if found is None and len(steps) > 1 and steps[0] not in file.imported and not is_global:
            return self._by_method(file, name)
        return found if found is not None and found.site.ordinal != MODULE else None

    # --- the first name -------------------------------------------------------------------------------------------

    def _begin(self, file: FileLinks, scope: int, name: str) -> Target | None:
        if name in _SELF or name in _SUPER:
            owner = self._owner(file, scope)
            if owner is not None and name in _SUPER:
                owner = next(iter(self._line(owner)[1:]), None)
            return Target(owner, _CERTAIN) if owner else None
        for place in self._program.enclosing(file, scope):
            if bound := self._bound(file, place, name):
                return bound
            if place != MODULE and (ordinal := file.members.get(file.definitions[place].qualified_name, {}).get(name)):
                return Target(Site(file.path, ordinal), _CERTAIN)
        owner = self._owner(file, scope)
        if owner is not None and (member := self._member(owner, name)):
            return Target(member, _CERTAIN)
        return self._visible(file, name)

    def _visible(self, file: FileLinks, name: str) -> Target | None:
        """A name at the top of this file, imported by it, in its package, or nowhere else in the repository."""
        ordinal = file.members.get("", {}).get(name)
        if ordinal is not None and not (name in file.imported and file.definitions[ordinal].kind == "variable"):
            return Target(Site(file.path, ordinal), _CERTAIN)
        if (entry := file.imported.get(name)) is not None:
            return self._imported(file, entry[0], entry[1] or name, is_whole=entry[1] is None)
        if file.language in _FOLDER_IS_PACKAGE:
            folder = file.path.rpartition("/")[0]
            if site := _top(self._program.by_folder[folder, file.language], name):
                return Target(site, _VISIBLE)
        for statement in file.imports:
            if "*" in statement.names and (site := _top(self._imported_files(file, statement), name)):
                return Target(site, _VISIBLE)
        return None if file.language in _NEEDS_IMPORTS else self._unique(file, name)

    def _unique(self, file: FileLinks, name: str) -> Target | None:
        sites = [site for site in self._family(file, name) if not self._is_member(site)]
        return Target(sites[0], _UNIQUE) if len(sites) == 1 and name not in _COMMON else None

    def _by_method(self, file: FileLinks, name: str) -> Target | None:
        """The only method of a name that is not on everybody's lips."""
        sites = list(self._family(file, name)) if name not in _COMMON and len(name) > 2 else []
        is_method = len(sites) == 1 and self._is_member(sites[0])
        return Target(sites[0], _BY_METHOD) if is_method else None

    def _family(self, file: FileLinks, name: str) -> Iterator[Site]:
        family = _FAMILIES.get(file.language, file.language)
        for site in self._program.by_name.get(name, ()):
            language = self._program.files[site.path].language
            if _FAMILIES.get(language, language) == family:
                yield site

    def _is_member(self, site: Site) -> bool:
        return self._program.definition(site).kind in {"method", "property"}

    def _bound(self, file: FileLinks, place: int, name: str) -> Target | None:
        """A variable, parameter or field whose type is written."""
        for binding in file.values.get((place, name), ()):
            if binding.value.startswith(":"):
                found = self._type(file, binding.value[1:], place)
            else:
                base = binding.value.split(".", 1)[0].split("(", 1)[0]
                found = self._resolve(file, place, binding.value) if base != name else None
            if found is not None:
                return Target(found.site, min(_TYPED, found.confidence))
        return None

    def _type(self, file: FileLinks, name: str, place: int) -> Target | None:
        first, _, rest = name.partition(".")
        if first in _SELF:
            owner = self._owner(file, place)
            return Target(owner, _CERTAIN) if owner else None
        found = self._visible(file, first)
        for part in filter(None, rest.split(".")):
            found = self._step(found, part) if found is not None else None
        is_type = found is not None and (
            found.site.ordinal != MODULE and self._program.definition(found.site).kind in _TYPE_KINDS
        )
        return found if is_type else None

    def _owner(self, file: FileLinks, scope: int) -> Site | None:
        """The type around a place, or the type that a method standing alone belongs to."""
        for place in self._program.enclosing(file, scope):
            if place == MODULE:
                return None
            item = file.definitions[place]
            if item.kind in CONTAINER_KINDS:
                return Site(file.path, place)
            outer = item.qualified_name[: -len(item.name)].rstrip(".")
            if item.kind == "method" and outer and (found := self._visible(file, outer.rpartition(".")[2])):
                return found.site if found.site.ordinal != MODULE else None
        return None

    # --- what an import brings ------------------------------------------------------------------------------------

    def _imported_files(self, file: FileLinks, statement: Import) -> list[FileLinks]:
        paths = self._program.resolve_import(file, Import(statement.target, statement.line)).paths
        return [self._program.files[path] for path in paths if path in self._program.files]

    def _imported(
        self, file: FileLinks, statement: Import, name: str, *, is_whole: bool, depth: int = 0
    ) -> Target | None:
        files = self._imported_files(file, statement)
        if not files:
            return None
        if is_whole:
            site = _top(files, name) if file.language not in _NEEDS_IMPORTS else None
            return Target(site or Site(files[0].path, MODULE), _CERTAIN)
        if site := _top(files, name):
            return Target(site, _CERTAIN)
        if name == "default":
            return self._default(files[0])
        return self._exported_again(files[0], name, depth) if depth < 8 else None

    def _exported_again(self, file: FileLinks, name: str, depth: int) -> Target | None:
        """A name that a module only passes on: ``export {x} from``, ``export * from``, or an import of its own."""
        if (entry := file.imported.get(name)) is not None:
            statement, taken = entry
            return self._imported(file, statement, taken or name, is_whole=taken is None, depth=depth + 1)
        for statement in file.imports:
            if "*" in statement.names and (
                found := self._imported(file, statement, name, is_whole=False, depth=depth + 1)
            ):
                return found
        return None

    def _default(self, file: FileLinks) -> Target:
        """The one thing that a module is about: what bears its name, or the module itself."""
        stem = file.path.rpartition("/")[2].split(".", 1)[0]
        stem = file.path.split("/")[-2] if stem == "index" and "/" in file.path else stem
        site = _top([file], stem) or _top([file], stem[:1].upper() + stem[1:])
        return Target(site or Site(file.path, MODULE), _CERTAIN if site else _VISIBLE)

    def _dotted(self, file: FileLinks, steps: list[str]) -> tuple[Target | None, list[str]]:
        """A member that is assigned from outside, like ``app.use = function``, known by its full name in this file."""
        ordinal = file.members.get(steps[0], {}).get(steps[1])
        return (Target(Site(file.path, ordinal), _CERTAIN), steps[2:]) if ordinal is not None else (None, steps[1:])

    # --- the following names --------------------------------------------------------------------------------------

    def _step(self, found: Target, step: str) -> Target | None:
        site, confidence = found.site, found.confidence
        if step == "[]":
            return found
        if step == "()":
            return self._called(found)
        if site.ordinal == MODULE:
            file = self._program.files[site.path]
            folder = self._program.by_folder[site.path.rpartition("/")[0], file.language]
            top = _top(folder if file.language in _FOLDER_IS_PACKAGE else [file], step)
            if top is not None:
                return Target(top, confidence)
            return self._exported_again(file, step, 0)
        if (member := self._member(site, step)) is not None:
            return Target(member, confidence)
        return self._field(site, step)

    def _field(self, site: Site, name: str) -> Target | None:
        for owner in self._line(site):
            if found := self._bound(self._program.files[owner.path], owner.ordinal, name):
                return found
        return None

    def _called(self, found: Target) -> Target | None:
        if found.site.ordinal == MODULE or self._program.definition(found.site).kind in _TYPE_KINDS:
            return found
        file = self._program.files[found.site.path]
        for binding in file.values.get((found.site.ordinal, "return"), ()):
            if returned := self._type(file, binding.value.lstrip(":"), found.site.ordinal):
                return Target(returned.site, min(_TYPED, found.confidence))
        return None

    def _member(self, site: Site, name: str) -> Site | None:
        for owner in self._line(site):
            item = self._program.definition(owner)
            for file in self._around(owner):
                ordinal = file.members.get(item.qualified_name, {}).get(name)
                if ordinal is not None:
                    return Site(file.path, ordinal)
        return None

    def _around(self, site: Site) -> Iterable[FileLinks]:
        """Files that may hold members of a type: its own, and in Go and Rust those beside it."""
        file = self._program.files[site.path]
        if file.language in {Language.GO, Language.RUST, Language.SWIFT, Language.CSHARP, Language.RUBY}:
            return [file, *self._program.by_folder[site.path.rpartition("/")[0], file.language]]
        return [file]

    def _line(self, site: Site) -> list[Site]:
        """A type and what it inherits from."""
        if site not in self._lines:
            self._lines[site] = [site]
            file = self._program.files[site.path]
            line = [site]
            for reference in file.bases.get(site.ordinal, ()):
                base = self._type(file, reference.chain, file.parents[site.ordinal])
                if base is not None and base.site != site:
                    line += self._line(base.site)
            self._lines[site] = list(dict.fromkeys(line))
        return self._lines[site]


def _top(files: Iterable[FileLinks], name: str) -> Site | None:
    """A definition at the top of one of these files, or one that it exports by assignment."""
    for file in files:
        for owner in _EXPORTS:
            ordinal = file.members.get(owner, {}).get(name)
            if ordinal is not None:
                return Site(file.path, ordinal)
    return None

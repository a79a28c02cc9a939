"""What a name means in Python: scopes, imports, re-exports, inheritance, and types where the text tells them.

The chain of a reference is evaluated step by step, much as the language would. Types come from annotations, from calls of
classes, from what functions return and from ``self.x = ...``; nothing is executed and nothing outside is looked at.
"""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from docgen_server.core.analysis.model import MODULE, Binding, Import, Reference, ReferenceKind
from docgen_server.core.linking.file_links import FileLinks, LinkDefinition
from docgen_server.core.linking.program import Program, Site, Target
from docgen_server.core.linking.trail import ANY_NAME, ANYWHERE, Trail

_STEP = re.compile(r"\w+|\(\)|\[\]|\?|@")
_DEEPEST = 25
_TYPED = 0.9
_BY_NAME_ONLY = 0.4
_COMMON_METHODS = frozenset(
    name
    for kind in (str, bytes, list, dict, set, int, float, tuple, frozenset, BaseException, object)
    for name in dir(kind)
) | {
    "close",
    "read",
    "write",
    "open",
    "run",
    "start",
    "stop",
    "send",
    "name",
    "error",
    "info",
    "debug",
    "warning",
    "group",
}
_SELF_TYPES = frozenset({":Self", ":typing.Self", ":te.Self", ":t.Self", "self"})


class Value(NamedTuple):
    """What an expression is, as far as it is known."""

    kind: str
    """``module``, ``namespace`` (a package without a file), ``definition``, ``instance``, ``super`` or ``container``."""
    site: Site
    element: "Value | None" = None
    """What a container holds, or the object that a method was taken from."""


class Step(NamedTuple):
    """One evaluated part of a chain: its value, where its name is defined, and whether a type was inferred for it."""

    value: Value | None
    site: Site | None = None
    inferred: bool = False


_UNKNOWN = Step(None)
_Key = tuple[str, int, str]


class PythonNames:
    """Resolves the references of Python files; keeps what it found, so use one for all files of a program."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._steps: dict[_Key, Step] = {}
        self._attributes: dict[tuple[Value, str], Step] = {}
        self._active: set[object] = set()
        self._lines: dict[Site, list[Site]] = {}
        self.trail = Trail()
        """What was looked at, file by file."""

    def targets(self, file: FileLinks, reference: Reference) -> list[Target]:
        """The definition that is meant, and those that were passed on the way to it."""
        if reference.chain.startswith("?"):
            return self._by_name_only(reference)
        scope = file.parents[reference.scope] if reference.kind is ReferenceKind.BASE else reference.scope
        found: list[Target] = []
        prefix, inferred = "", False
        for part in _STEP.findall(reference.chain):
            prefix = prefix + part if part in {"()", "[]"} else f"{prefix}.{part}".lstrip(".")
            step = self._evaluate(file, scope, prefix)
            inferred = inferred or step.inferred
            is_last = prefix == reference.chain
            if step.site is not None and step.site.ordinal != MODULE:
                found.append(Target(step.site, _TYPED if inferred else 1.0, is_last))
            if is_last and (step.site is None or step.site.ordinal == MODULE):
                return [*found, *self._by_name_only(reference)] if found and "()" not in prefix else found
            if step.value is None and not is_last:
                return [*found, *self._by_name_only(reference)]
        return found

    def _by_name_only(self, reference: Reference) -> list[Target]:
        """The only definition of an uncommon method name, when nothing is known of the value that it is called on."""
        name = reference.chain.rpartition(".")[2]
        if reference.kind is not ReferenceKind.CALL or "." not in reference.chain or name in _COMMON_METHODS:
            return []
        self.trail.note(ANYWHERE, name)
        sites = self._program.by_name.get(name, ())
        if len(sites) != 1 or self._program.definition(sites[0]).kind != "method":
            return []
        return [Target(sites[0], _BY_NAME_ONLY)]

    # --- evaluation -----------------------------------------------------------------------------------------------

    def _evaluate(self, file: FileLinks, scope: int, chain: str) -> Step:
        key = (file.path, scope, chain)
        if (known := self._steps.get(key)) is not None:
            self.trail.recall(key)
            return known
        if key in self._active or len(self._active) > _DEEPEST:
            self.trail.note(file.path, ANY_NAME)
            return _UNKNOWN
        self._active.add(key)
        outer = self.trail.begin()
        try:
            step = self._evaluate_new(file, scope, chain)
        finally:
            self._active.discard(key)
            self.trail.end(key, outer)
        self._steps[key] = step
        return step

    def _evaluate_new(self, file: FileLinks, scope: int, chain: str) -> Step:
        if chain.endswith("()"):
            if chain == "super()":
                return self._super(file, scope)
            inner = self._evaluate(file, scope, chain[:-2])
            return Step(self._called(inner.value), None, inner.inferred)
        if chain.endswith("[]"):
            inner = self._evaluate(file, scope, chain[:-2])
            return Step(self._element(inner.value), None, inner.inferred)
        base, dot, name = chain.rpartition(".")
        if not dot:
            return self._name(file, scope, chain)
        owner = self._evaluate(file, scope, base)
        if owner.value is None:
            return _UNKNOWN
        step = self._attribute(owner.value, name)
        return Step(step.value, step.site, step.inferred or owner.inferred)

    def _value(self, file: FileLinks, binding: Binding) -> Value | None:
        """What a binding says: an instance for ``:``, a container for ``*``, else what its chain evaluates to."""
        text = binding.value
        if text.startswith("*"):
            inner = self._value(file, binding._replace(value=text[1:]))
            return inner and Value("container", inner.site, inner)
        if text in {"@self", "@class"}:
            kind = "instance" if text == "@self" else "definition"
            return Value(kind, Site(file.path, file.parents[binding.owner]))
        scope = binding.scope
        if text.startswith(":"):
            outer = file.parents[scope] if scope != MODULE and file.definitions[scope].kind != "class" else scope
            value = self._evaluate(file, outer, text[1:]).value
            if value is not None and value.kind == "definition" and self._definition(value.site).kind == "class":
                return Value("instance", value.site)
            return None
        return self._evaluate(file, scope, text).value

    def _first_value(self, file: FileLinks, bindings: Sequence[Binding]) -> Value | None:
        return next((value for item in bindings if (value := self._value(file, item)) is not None), None)

    # --- names ----------------------------------------------------------------------------------------------------

    def _name(self, file: FileLinks, scope: int, name: str) -> Step:
        self.trail.note(file.path, name)
        for place in self._program.enclosing(file, scope):
            if place == MODULE:
                return self._module_name(file, name)
            definition = file.definitions[place]
            if definition.kind == "class" and place != scope:
                continue
            if definition.kind == "class" and (found := self._own_attribute(Site(file.path, place), name)):
                return found
            member = file.members.get(definition.qualified_name, {}).get(name)
            if member is not None and member > place:
                return self._defined(file, member)
            if bindings := file.values.get((place, name)):
                return Step(self._first_value(file, bindings), None, inferred=not bindings[0].value.startswith("@"))
        return _UNKNOWN

    def _module_name(self, file: FileLinks, name: str) -> Step:
        """A name at the top of a module: defined there, imported, or taken in by an ``import *``."""
        self.trail.note(file.path, name)
        member = file.members.get("", {}).get(name)
        if member is not None:
            return self._defined(file, member)
        if (entry := file.imported.get(name)) is not None:
            return self._imported(file, *entry, name)
        if bindings := file.values.get((MODULE, name)):
            return Step(self._first_value(file, bindings), None, inferred=True)
        self.trail.note(file.path, "*")
        for statement in file.imports:
            if "*" in statement.names and (module := self._module(file, statement.target)):
                step = self._attribute(module, name)
                if step.value is not None or step.site is not None:
                    return step
        return _UNKNOWN

    def _imported(self, file: FileLinks, statement: Import, taken: str | None, name: str) -> Step:
        if taken is None:
            target = statement.target if statement.bound else name
            whole = self._module(file, target) or Value("namespace", Site(target, MODULE))
            return Step(whole, whole.site if whole.kind == "module" else None)
        module = self._module(file, statement.target)
        if module is not None:
            step = self._attribute(module, taken)
            if step.value is not None or step.site is not None:
                return step
        found = self._program.resolve_import(file, Import(statement.target, statement.line, (taken,))).paths
        inner = next((path for path in found if path in self._program.files and self._is_named(path, taken)), None)
        return Step(Value("module", Site(inner, MODULE)), Site(inner, MODULE)) if inner else _UNKNOWN

    def _is_named(self, path: str, name: str) -> bool:
        stem = path.removesuffix("/__init__.py").rpartition("/")[2]
        return stem.split(".", 1)[0] == name

    def _module(self, file: FileLinks, target: str) -> Value | None:
        paths = self._program.resolve_import(file, Import(target, 1)).paths
        path = next((path for path in paths if path in self._program.files), None)
        return Value("module", Site(path, MODULE)) if path else None

    def _defined(self, file: FileLinks, ordinal: int) -> Step:
        """A definition itself; a variable stands for its value."""
        site = Site(file.path, ordinal)
        item = file.definitions[ordinal]
        if item.kind not in {"variable", "constant"}:
            return Step(Value("definition", site), site)
        bindings = file.values.get((file.parents[ordinal], item.name), ())
        return Step(self._first_value(file, bindings), site, inferred=True)

    # --- attributes -----------------------------------------------------------------------------------------------

    def _attribute(self, owner: Value, name: str) -> Step:
        key = (owner, name)
        if (known := self._attributes.get(key)) is not None:
            self.trail.recall(key)
            return known
        if key in self._active or len(self._active) > _DEEPEST:
            self.trail.note(owner.site.path, ANY_NAME)
            return _UNKNOWN
        self._active.add(key)
        outer = self.trail.begin()
        try:
            step = self._attribute_new(owner, name)
        finally:
            self._active.discard(key)
            self.trail.end(key, outer)
        self._attributes[key] = step
        return step

    def _attribute_new(self, owner: Value, name: str) -> Step:
        if owner.kind == "module":
            return self._module_attribute(owner.site.path, name)
        if owner.kind == "namespace":
            dotted = f"{owner.site.path}.{name}"
            files = self._program.files
            inner = self._module(next(iter(files.values())), dotted)
            return Step(inner or Value("namespace", Site(dotted, MODULE)))
        if owner.kind == "container":
            return _UNKNOWN
        if name == "__class__" and owner.kind == "instance":
            return Step(Value("definition", owner.site))
        if self._definition(owner.site).kind != "class":
            return _UNKNOWN
        return self._member(owner, name)

    def _module_attribute(self, path: str, name: str) -> Step:
        file = self._program.files[path]
        step = self._module_name(file, name)
        if step.value is None and step.site is None and path.endswith("__init__.py"):
            folder = path.rpartition("/")[0]
            beside = f"{folder}/{name}".lstrip("/")
            found = next((p for p in (f"{beside}.py", f"{beside}/__init__.py") if p in self._program.files), None)
            if found:
                return Step(Value("module", Site(found, MODULE)), Site(found, MODULE))
        return step

    def _member(self, owner: Value, name: str) -> Step:
        """A member of a class or of its object, found along the bases."""
        line = self._line(owner.site)
        for site in line[1:] if owner.kind == "super" else line:
            step = self._own_attribute(site, name)
            if step is None:
                continue
            if step.site is None or owner.kind == "definition" or step.value is None:
                return step
            item = self._definition(step.site)
            if item.kind == "method" and any(mark.endswith("property") for mark in item.decorators):
                return Step(self._called(Value("definition", step.site, owner)), step.site, inferred=True)
            bound = owner if owner.kind == "instance" else None
            return Step(
                step.value._replace(element=bound) if step.value.kind == "definition" else step.value,
                step.site,
                step.inferred,
            )
        return _UNKNOWN

    def _own_attribute(self, site: Site, name: str) -> Step | None:
        file = self._program.files[site.path]
        self.trail.note(site.path, name)
        member = file.members.get(file.definitions[site.ordinal].qualified_name, {}).get(name)
        if member is not None:
            return self._defined(file, member)
        if bindings := file.values.get((site.ordinal, name)):
            return Step(self._first_value(file, bindings), None, inferred=True)
        return None

    def _line(self, site: Site) -> list[Site]:
        """A class and the classes that it inherits from, depth first."""
        if site in self._lines:
            self.trail.recall(site)
            return self._lines[site]
        self._lines[site] = [site]
        outer = self.trail.begin()
        inherited = (base for found in self._bases(site) for base in self._line(found))
        self._lines[site] = list(dict.fromkeys([site, *inherited]))
        self.trail.end(site, outer)
        return self._lines[site]

    def _bases(self, site: Site) -> Iterator[Site]:
        file = self._program.files[site.path]
        self._definition(site)
        for reference in file.bases.get(site.ordinal, ()):
            value = self._evaluate(file, file.parents[site.ordinal], reference.chain).value
            if value is not None and value.kind == "definition" and self._definition(value.site).kind == "class":
                yield value.site

    def _super(self, file: FileLinks, scope: int) -> Step:
        for place in self._program.enclosing(file, scope):
            if place != MODULE and file.definitions[place].kind == "class":
                return Step(Value("super", Site(file.path, place)))
        return _UNKNOWN

    def _definition(self, site: Site) -> LinkDefinition:
        """The definition at a site, which the result then depends on."""
        definition = self._program.definition(site)
        self.trail.note(site.path, definition.name)
        return definition

    # --- calls ----------------------------------------------------------------------------------------------------

    def _called(self, value: Value | None) -> Value | None:
        """What calling a value gives."""
        if value is None or value.kind not in {"definition", "instance"}:
            return None
        definition = self._definition(value.site)
        if definition.kind == "class":
            if value.kind == "definition":
                return Value("instance", value.site)
            method = self._attribute(value, "__call__").value
            return self._called(method) if method is not None and method.kind == "definition" else None
        file = self._program.files[value.site.path]
        returned = file.values.get((value.site.ordinal, "return"), ())
        if value.element is not None and any(item.value in _SELF_TYPES for item in returned):
            return value.element
        return self._first_value(file, returned)

    def _element(self, value: Value | None) -> Value | None:
        """What subscripting or looping over a value gives."""
        if value is None:
            return None
        if value.kind == "container":
            return value.element
        if value.kind == "definition":
            return value if self._definition(value.site).kind == "class" else None
        method = self._attribute(value, "__getitem__").value
        return self._called(method) if method is not None and method.kind == "definition" else None

"""All files of a snapshot together: what the name resolvers look things up in."""

from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from typing import NamedTuple, Protocol

from docgen_server.core.analysis.model import MODULE, Import, Reference
from docgen_server.core.linking.file_links import FileLinks, LinkDefinition
from docgen_server.core.linking.resolve import PathIndex, Resolution, resolve


class Site(NamedTuple):
    """Where a definition is: its file and its ordinal there; -1 is the file itself."""

    path: str
    ordinal: int


class Target(NamedTuple):
    """What a reference means."""

    site: Site
    confidence: float
    """1: the language's own rules lead there. Below: a type was inferred, or only the name fits."""
    is_meant: bool = True
    """It is what the whole reference means, not only passed on the way there."""


class NameResolver(Protocol):
    """Finds out what the references of one language mean."""

    def targets(self, file: FileLinks, reference: Reference) -> list[Target]:
        """The definition that a reference means, and those that are passed on the way to it."""


class Program:
    """The files of a snapshot by path.

    Args:
        files: Every analysed code file.
        index: Every path of the snapshot, also of files without facts.
    """

    def __init__(self, files: Mapping[str, FileLinks], index: PathIndex) -> None:
        self.files = files
        self.index = index
        self._resolved: dict[tuple[str, str, str, tuple[str, ...]], Resolution] = {}

    def sees_the_same_files(self, other: "Program") -> bool:
        """Whether every import means the same here as there: it depends on paths and manifests only."""
        return self.index.paths == other.index.paths and self.index.manifests == other.index.manifests

    def take_imports(self, other: "Program") -> None:
        """Take over what is known of imports by a program that sees the same files."""
        self._resolved |= other._resolved  # noqa: SLF001 - of the same class

    def take_names(self, other: "Program") -> None:
        """Make ``by_name`` from that of a program with mostly the same files."""
        if "by_name" not in other.__dict__:
            return
        paths = self.files.keys() | other.files.keys()
        changed = {path for path in paths if self.files.get(path) is not other.files.get(path)}
        fresh = _named_sites(self.files[path] for path in changed if path in self.files)
        stale = _named_sites(other.files[path] for path in changed if path in other.files)
        names = dict(other.by_name)
        for name in fresh.keys() | stale.keys():
            kept = [site for site in names.pop(name, ()) if site.path not in changed]
            if sites := sorted([*kept, *fresh.get(name, ())]):
                names[name] = sites
        self.__dict__["by_name"] = names

    def resolve_import(self, file: FileLinks, statement: Import) -> Resolution:
        """The files that an import means; equal imports of one folder are looked up once."""
        key = (file.path.rpartition("/")[0], file.language, statement.target, statement.names)
        found = self._resolved.get(key)
        if found is None:
            found = self._resolved[key] = resolve(self.index, file.path, file.language, statement)
        return found

    def definition(self, site: Site) -> LinkDefinition:
        """The definition at a site."""
        return self.files[site.path].definitions[site.ordinal]

    @cached_property
    def by_folder(self) -> dict[tuple[str, str], list[FileLinks]]:
        """Files by folder and language: what sees each other without imports in some languages."""
        return _grouped(self.files.values(), lambda file: (file.path.rpartition("/")[0], file.language))

    @cached_property
    def by_name(self) -> dict[str, list[Site]]:
        """Every definition of a name that could be meant from another file."""
        return _named_sites(self.files[path] for path in sorted(self.files))

    def enclosing(self, file: FileLinks, scope: int) -> Iterable[int]:
        """Ordinals of the definitions around a place, the innermost first, the module last."""
        while scope != MODULE:
            yield scope
            scope = file.parents[scope]
        yield MODULE


def _named_sites(files: Iterable[FileLinks]) -> dict[str, list[Site]]:
    sites: dict[str, list[Site]] = {}
    for file in files:
        for ordinal, item in enumerate(file.definitions):
            if item.visibility != "local":
                sites.setdefault(item.name, []).append(Site(file.path, ordinal))
    return sites


def _grouped(
    files: Iterable[FileLinks], key: Callable[[FileLinks], tuple[str, str]]
) -> dict[tuple[str, str], list[FileLinks]]:
    groups: dict[tuple[str, str], list[FileLinks]] = {}
    for file in files:
        groups.setdefault(key(file), []).append(file)
    return groups

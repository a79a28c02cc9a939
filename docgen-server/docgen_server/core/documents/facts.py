"""What pages are planned from: the facts of a snapshot as plain values, read from wherever they are kept."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from docgen_server.core.documents.comments import summarise
from docgen_server.core.documents.sections import Source
from docgen_server.core.documents.usage import Usage
from docgen_server.core.linking.graph import LinkGraph

_MOST_NAMED = 3


class SymbolFacts(NamedTuple):
    """A definition."""

    name: str
    qualified_name: str
    kind: str
    signature: str
    doc: str
    visibility: str
    start_line: int
    end_line: int
    depth: int

    @property
    def is_value(self) -> bool:
        """Whether it holds something rather than does something."""
        return self.kind in {"constant", "variable"}

    @property
    def summary(self) -> str:
        """Its doc comment in a sentence."""
        return summarise(self.doc)


class ProblemFacts(NamedTuple):
    """A finding."""

    path: str
    rule: str
    severity: str
    start_line: int
    end_line: int
    message: str


@dataclass(frozen=True, slots=True)
class FileNote:
    """An analysed file in short."""

    path: str
    blob: str
    language: str
    line_count: int
    doc: str

    @property
    def folder(self) -> str:
        """The folder that it stands in; the root is empty."""
        return self.path.rpartition("/")[0]

    @property
    def name(self) -> str:
        """Its name without the folder."""
        return self.path.rpartition("/")[2]

    @property
    def summary(self) -> str:
        """Its doc comment in a sentence."""
        return summarise(self.doc)

    def source(self, start_line: int = 1, end_line: int = 0) -> Source:
        """Lines of it as something that a section rests on; the whole file when no end is given."""
        return Source(self.path, self.blob, start_line, end_line or max(self.line_count, 1))


@dataclass(frozen=True, slots=True)
class SnapshotFacts:
    """Everything about a snapshot that pages may need."""

    files: Mapping[str, FileNote]
    graph: LinkGraph
    symbols: Mapping[str, Sequence[SymbolFacts]] = field(default_factory=dict)
    """Definitions by path, of the files that are to be shown."""
    names: Mapping[str, Mapping[str, Sequence[str]]] = field(default_factory=dict)
    """By path, what is public at its top level, by every spelling that may mean it."""
    problems: Sequence[ProblemFacts] = ()
    texts: Mapping[str, str] = field(default_factory=dict)
    """Texts of prose files to show, of the README and of manifests."""
    blobs: Mapping[str, str] = field(default_factory=dict)
    """Blobs of those texts."""
    usage: Usage = field(default_factory=Usage)
    """Who uses whom."""
    versions: Mapping[str, str] = field(default_factory=dict)
    """Versions of packages from outside, by normal name."""
    changes: Mapping[str, int] = field(default_factory=dict)
    """Commits that touched a file, as far as history is known."""

    def summary_of(self, path: str) -> str:
        """What a file is for: its doc comment in a sentence, else that of its largest public definition, else their names.

        Where methods stand outside of their type, as in Go, they add to its size and are not chosen themselves.
        """
        file = self.files[path]
        if file.doc:
            return file.summary
        top = [one for one in self.symbols.get(path, ()) if one.depth == 0]
        sizes: Counter[str] = Counter()
        for one in top:
            sizes[one.qualified_name.partition(".")[0]] += one.end_line - one.start_line + 1
        chosen = [one for one in top if one.visibility == "public" and one.doc and "." not in one.qualified_name]
        main = max(chosen, key=lambda one: sizes[one.qualified_name], default=None)
        if main:
            return f"`{main.name}`: {main.summary}"
        public = {one.name for one in top if one.visibility == "public" and "." not in one.qualified_name}
        return ", ".join(f"`{name}`" for name in [one for one, _ in sizes.most_common() if one in public][:_MOST_NAMED])

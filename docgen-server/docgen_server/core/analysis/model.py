"""The facts of one file: what every stage after parsing knows, and all it knows."""

import re
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from codemuse.contracts.chunks import ChunkKind
from codemuse.contracts.common import Language
from docgen_server.core.packages.manifests import Package

CONTAINER_KINDS = frozenset({"class", "interface", "struct", "enum", "trait", "object", "module", "protocol", "scope"})
"""Definitions whose functions are methods."""
FUNCTION_KINDS = frozenset({"function", "method"})
MODULE = -1
"""Where others give the ordinal of a definition: the file itself, outside of all of them."""


@dataclass(slots=True)
class Definition:
    """Something that has a name and lines. Lines count from 1, both ends included."""

    name: str
    qualified_name: str
    kind: str
    start_line: int
    """First line with its decorators, attributes and leading doc comment."""
    line: int
    """The line that the definition itself begins on."""
    end_line: int
    signature: str = ""
    doc: str = ""
    visibility: str = "public"
    body_lines: int = 0
    """Lines of its body without signature and doc comment, counted for functions."""
    complexity: int = 1
    """McCabe number, counted for functions."""
    depth: int = 0
    """How many definitions it stands in."""
    local: bool = False
    """Stands inside a function."""
    decorators: tuple[str, ...] = ()
    """Decorators, annotations or attributes as written, without their mark and arguments."""

    @property
    def is_function(self) -> bool:
        """Whether it can be called and measured like a function."""
        return self.kind in FUNCTION_KINDS

    @property
    def summary(self) -> str:
        """First sentence of the doc comment."""
        return first_sentence(self.doc)


@dataclass(frozen=True, slots=True)
class Import:
    """A dependency as the source writes it, e.g. ``..app.base``, ``./router`` or ``net/http``."""

    target: str
    line: int
    names: tuple[str, ...] = ()
    """What is taken from it; each may itself be a module; ``*`` is everything."""
    deferred: bool = False
    """Not carried out when the module loads: inside a function, or for type checkers only."""
    bound: tuple[str, ...] = ()
    """How the importing file calls each of ``names``; with no names, how it calls the module."""


class ReferenceKind(StrEnum):
    """How a definition is used; the values are stored."""

    CALL = "calls"
    TYPE = "type"
    BASE = "inherits"
    DECORATOR = "decorates"
    USE = "uses"


class Reference(NamedTuple):
    """A mention of something that is defined elsewhere, the first of its kind in its scope."""

    scope: int
    """Ordinal of the definition that it stands in; -1 is the module."""
    kind: ReferenceKind
    chain: str
    """As written, arguments left out: ``self.app.run``, ``make().start``; ``?`` is a value nothing is known of."""
    line: int


class Binding(NamedTuple):
    """What a name stands for, as far as its file tells: the material of type inference."""

    owner: int
    """Ordinal of the definition whose name it is (a function's variable, a class's attribute); -1 is the module."""
    name: str
    """``return`` is the value of a function."""
    value: str
    """A chain, ``:`` before it when it is an instance of that chain, ``*`` before a container of such values."""
    scope: int
    """Ordinal of the definition that the chain is to be read in."""


@dataclass(frozen=True, slots=True)
class ChunkSpan:
    """A chunk without its text, which is cut from the blob when asked for."""

    start_line: int
    end_line: int
    kind: ChunkKind
    symbol: str | None = None
    signature: str | None = None
    defines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that a rule objects to."""

    rule: str
    severity: str
    start_line: int
    end_line: int
    message: str
    advice: str
    symbol: str | None = None


@dataclass(slots=True)
class Outline:
    """What a parser of one language hands to the stages that are the same for all languages."""

    definitions: list[Definition] = field(default_factory=list)
    """In source order; a container stands before what it contains."""
    imports: list[Import] = field(default_factory=list)
    doc: str = ""
    """Doc comment of the module."""
    syntax_error_line: int | None = None
    findings: list[Finding] = field(default_factory=list)
    """What only the parser's own tree can show."""
    references: list[Reference] = field(default_factory=list)
    bindings: list[Binding] = field(default_factory=list)


@dataclass(slots=True)
class FileFacts:
    """Everything that is known about one file by itself."""

    language: Language
    line_count: int = 0
    definitions: list[Definition] = field(default_factory=list)
    imports: list[Import] = field(default_factory=list)
    references: list[Reference] = field(default_factory=list)
    bindings: list[Binding] = field(default_factory=list)
    chunks: list[ChunkSpan] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    """Every identifier that occurs, sorted."""
    lonely: list[str] = field(default_factory=list)
    """Names of definitions that occur nowhere in the file but where they are defined, sorted."""
    packages: list[Package] = field(default_factory=list)
    """What the file asks for from outside, when it is a manifest."""
    fingerprints: list[tuple[int, int, int]] = field(default_factory=list)
    """Hash, first and last line of runs of lines; see ``fingerprints``."""
    suppressions: dict[int, list[str]] = field(default_factory=dict)
    """Rules that comments switch off, by line; see ``suppression``."""
    links: bytes = b""
    """What linking needs of all this, packed."""
    doc: str = ""
    warnings: list[str] = field(default_factory=list)
    reason: str | None = None
    """Stable code when the file could not be analysed."""
    message: str | None = None


def quarantined(language: Language, reason: str, message: str) -> FileFacts:
    """Facts of a file that could not be analysed."""
    return FileFacts(language=language, reason=reason, message=message)


_PARAGRAPH_END = re.compile(r"\n\s*(?:\n|[@:]\w)")
"""An empty line, or a tag or field of a doc comment's structured part."""


def first_sentence(text: str, limit: int = 300) -> str:
    """The first sentence of a doc comment on one line."""
    paragraph = " ".join(_PARAGRAPH_END.split(text.strip(), 1)[0].split())
    end = paragraph.find(". ")
    sentence = paragraph if end < 0 else paragraph[: end + 1]
    return sentence if len(sentence) <= limit else sentence[: limit - 1].rstrip() + "…"

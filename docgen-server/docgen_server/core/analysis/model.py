"""The facts of one file: what every stage after parsing knows, and all it knows."""

from dataclasses import dataclass, field

from codemuse.contracts.chunks import ChunkKind
from codemuse.contracts.common import Language

CONTAINER_KINDS = frozenset({"class", "interface", "struct", "enum", "trait", "object", "module", "protocol", "scope"})
"""Definitions whose functions are methods."""
FUNCTION_KINDS = frozenset({"function", "method"})


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
    complexity: int = 1
    """McCabe number, counted for functions."""
    depth: int = 0
    """How many definitions it stands in."""
    local: bool = False
    """Stands inside a function."""

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
    """What is taken from it; each may itself be a module."""
    deferred: bool = False
    """Not carried out when the module loads: inside a function, or for type checkers only."""


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


@dataclass(slots=True)
class FileFacts:
    """Everything that is known about one file by itself."""

    language: Language
    line_count: int = 0
    definitions: list[Definition] = field(default_factory=list)
    imports: list[Import] = field(default_factory=list)
    chunks: list[ChunkSpan] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    """Every identifier that occurs, sorted."""
    doc: str = ""
    warnings: list[str] = field(default_factory=list)
    reason: str | None = None
    """Stable code when the file could not be analysed."""
    message: str | None = None


def quarantined(language: Language, reason: str, message: str) -> FileFacts:
    """Facts of a file that could not be analysed."""
    return FileFacts(language=language, reason=reason, message=message)


def first_sentence(text: str, limit: int = 300) -> str:
    """The first sentence of a doc comment on one line."""
    paragraph = " ".join(text.strip().split("\n\n", 1)[0].split())
    end = paragraph.find(". ")
    sentence = paragraph if end < 0 else paragraph[: end + 1]
    return sentence if len(sentence) <= limit else sentence[: limit - 1].rstrip() + "…"

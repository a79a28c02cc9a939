"""A chunk: the unit that docgen-server cuts, rag-server indexes and answers cite."""

from enum import StrEnum

from pydantic import Field

from codemuse.contracts.common import Reply, RepositoryPath


class ChunkKind(StrEnum):
    """What the lines of a chunk mostly are."""

    MODULE = "module"
    """Imports, constants and statements of a file outside any definition."""
    CLASS = "class"
    FUNCTION = "function"
    METHOD = "method"
    TEXT = "text"
    """Prose: Markdown, reStructuredText, plain text."""
    CONFIG = "config"
    """Data and settings: JSON, YAML, TOML and their kin."""


class Chunk(Reply):
    """Consecutive lines of one file, cut along its syntax tree.

    Lines count from 1 and both ends are included. ``text`` is exactly those lines joined by newlines.
    """

    path: RepositoryPath
    start_line: int = Field(ge=1)
    end_line: int = Field(ge=1)
    language: str
    kind: ChunkKind
    symbol: str | None = None
    """Dotted name of the enclosing definition inside its file, e.g. ``Flask.route``."""
    signature: str | None = None
    """First line of the definition when the chunk is a later part of it, so that a part still says whose it is."""
    defines: list[str] = Field(default_factory=list)
    """Bare names of everything defined in these lines."""
    text: str

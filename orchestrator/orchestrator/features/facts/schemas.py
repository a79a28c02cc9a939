"""Query strings of this feature's lists."""

from typing import Literal

from pydantic import Field

from codemuse.contracts.common import Request
from orchestrator.core.pages import MAXIMUM_PAGE


class GraphQuery(Request):
    """Which part of the dependency graph."""

    level: Literal["file", "module", "package", "symbol"] = "file"
    focus: str | None = Field(default=None, max_length=4096)
    """A file, a folder, or with ``level=symbol`` a definition: ``path:Qualified.name``."""
    depth: int = Field(default=1, ge=1, le=20)
    direction: Literal["dependents", "dependencies", "both"] = "both"


class HistoryQuery(Request):
    """Which files' history."""

    path: str | None = Field(default=None, max_length=4096)
    limit: int = Field(default=50, ge=1, le=500)


class FactQuery(Request):
    """What all lists of facts take."""

    path: str | None = Field(default=None, max_length=4096)
    cursor: str | None = Field(default=None, max_length=4096)
    limit: int = Field(default=50, ge=1, le=MAXIMUM_PAGE)


class SymbolQuery(FactQuery):
    """Which definitions."""

    query: str | None = Field(default=None, max_length=500)
    kind: str | None = Field(default=None, max_length=50)


class ProblemFilter(Request):
    """Which problems."""

    path: str | None = Field(default=None, max_length=4096)
    rule: str | None = Field(default=None, max_length=60)
    severity: Literal["error", "warning", "note"] | None = None


class ProblemQuery(ProblemFilter, FactQuery):
    """Which problems, page by page."""

"""Pages before they are rendered: plain values that hold everything a template shows."""

import hashlib
from dataclasses import dataclass, field
from typing import Any

import orjson

TEMPLATE_VERSION = 1
"""Part of the identity of rendered text: raise it when a template changes."""


@dataclass(frozen=True, slots=True)
class SymbolEntry:
    """A definition on a page."""

    name: str
    qualified_name: str
    kind: str
    signature: str
    doc: str
    visibility: str
    start_line: int
    end_line: int
    depth: int


@dataclass(frozen=True, slots=True)
class ModulePage:
    """One code file."""

    path: str
    language: str
    line_count: int
    doc: str
    symbols: list[SymbolEntry]
    imports: list[str]
    externals: list[str]
    importers: list[str]


@dataclass(frozen=True, slots=True)
class LanguageLine:
    """How much there is of one language."""

    language: str
    file_count: int
    line_count: int


@dataclass(frozen=True, slots=True)
class PackageLine:
    """One folder of code."""

    path: str
    file_count: int
    line_count: int
    summary: str


@dataclass(frozen=True, slots=True)
class ModuleLine:
    """A module that the overview points at, and why."""

    path: str
    note: str


@dataclass(frozen=True, slots=True)
class OverviewPage:
    """A repository as a whole."""

    title: str
    summary: str
    file_count: int
    line_count: int
    languages: list[LanguageLine]
    entry_points: list[ModuleLine]
    packages: list[PackageLine]
    diagram: str
    central: list[ModuleLine]
    externals: list[ModuleLine]
    problems: dict[str, int] = field(default_factory=dict)
    documents: list[ModuleLine] = field(default_factory=list)


def inputs_hash(*parts: Any) -> str:
    """Hash of everything that a text is made from."""
    data = orjson.dumps([TEMPLATE_VERSION, *parts], option=orjson.OPT_SORT_KEYS)
    return hashlib.blake2b(data, digest_size=16).hexdigest()

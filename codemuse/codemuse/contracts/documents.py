"""Documents that docgen-server renders from facts, and what people make of them.

A page is a list of sections. Each rests on lines of the source, is rendered again only when its inputs change, and keeps
what a person wrote into it.
"""

from datetime import datetime
from enum import StrEnum
from typing import Any, Literal

from pydantic import Field

from codemuse.contracts.common import Identifier, Reply, RepositoryPath, Request

DocumentLanguage = Literal["en", "ko"]
"""Languages that pages are written in; prose files of a repository keep the one they have."""


class DocumentsGenerate(Request):
    """Body of ``POST /api/v1/documents/generate``: render all documents of a snapshot, or those of some source files."""

    snapshot_id: Identifier
    paths: list[RepositoryPath] | None = None
    language: DocumentLanguage | None = None
    """Without it, every language that the repository has pages in; at first the one that its ``.codemuse.toml`` names
    (``[documents] languages``), else English."""
    organisation_id: Identifier | None = None
    """Who is charged for what language models write."""


class DocumentsGenerated(Reply):
    """How many documents changed and how many were still right."""

    rendered: int
    unchanged: int
    removed: int = 0
    sections_rendered: int = 0
    conflicts: int = 0
    """Pages in which code and a person have changed the same lines."""
    summaries_written: int = 0
    """Openings of pages that a language model has written now; those known from before are not counted."""
    summaries_pending: int = 0
    """Openings that are still to be written; ``summaries_stopped`` says why they were not."""
    summaries_stopped: Literal["time", "budget", "unavailable"] | None = None


class DocumentSummary(Reply):
    """A document without its text."""

    id: str
    repository_id: str
    title: str
    kind: str
    """``overview``, ``package``, ``module`` or ``page`` (a prose file of the repository)."""
    path: str
    """Place in the document tree, e.g. ``src/flask/app.py``; a package's ends with ``/``, the overview has ``/``."""
    source_file: str | None = None
    created_at: datetime
    updated_at: datetime
    metadata: dict[str, Any] = Field(default_factory=dict)
    """``commit``, ``language`` (of the code), ``written_in``, ``revision``, ``edited``, ``stale``, ``template_error``."""


class SectionSource(Reply):
    """Lines that a section was written from."""

    path: str
    start_line: int
    end_line: int


class DocumentSection(
    Reply,
    json_schema_extra={
        "examples": [
            {
                "key": "about",
                "text": "# shop/cart.py\n\nCarts.",
                "sources": [{"path": "shop/cart.py", "start_line": 1, "end_line": 40}],
            }
        ]
    },
):
    """A part of a page."""

    key: str
    """Lasts from commit to commit, e.g. ``about`` or ``symbol:Cart.buy``."""
    text: str
    is_edited: bool = False
    is_conflicting: bool = False
    generated: str | None = None
    """What would stand there without the edit, where there is one; empty when its source is gone."""
    sources: list[SectionSource] = Field(default_factory=list)
    written_by: str | None = None
    """The language model that wrote it; nobody where it comes from the facts, or from a person."""


class StaleReason(StrEnum):
    """Why a section is not up to date."""

    CHANGED = "changed"
    """The lines that it rests on read differently now."""
    MOVED = "moved"
    """They read the same but stand elsewhere."""
    GONE = "gone"
    """Their file is not there any more."""
    CONFLICT = "conflict"
    """A person's edit and the code disagree."""


class StaleSection(
    Reply,
    json_schema_extra={
        "examples": [
            {
                "section": "symbol:Cart.buy",
                "reason": "changed",
                "path": "shop/cart.py",
                "start_line": 12,
                "end_line": 20,
            }
        ]
    },
):
    """A section that is not up to date, and why."""

    section: str
    reason: StaleReason
    path: str | None = None
    start_line: int | None = None
    end_line: int | None = None


class Freshness(Reply):
    """Whether a document says what the indexed commit says."""

    state: Literal["fresh", "stale"]
    commit: str
    """The commit that it was compared with."""
    reasons: list[StaleSection] = Field(default_factory=list)


class DocumentRead(DocumentSummary):
    """A document with its Markdown."""

    content: str
    sections: list[DocumentSection] = Field(default_factory=list)
    freshness: Freshness | None = None


class DocumentPage(Reply):
    """Reply of ``GET /api/v1/documents?repository_id=&query=&language=&cursor=&limit=``."""

    items: list[DocumentSummary]
    next_cursor: str | None = None


class DocumentUpdate(
    Request,
    json_schema_extra={"examples": [{"content": "# shop/cart.py\n\nCarts, and nothing else.\n", "revision": 3}]},
):
    """Body of ``PUT /api/v1/documents/{id}``: the whole page as a person wants it."""

    title: str | None = Field(default=None, min_length=1, max_length=300)
    content: str | None = Field(default=None, max_length=1_000_000)
    revision: int | None = Field(default=None, ge=1)
    """The revision that was edited; when the page has moved on since, the update is refused instead of undoing that."""


class DocumentResolve(Request, json_schema_extra={"examples": [{"section": "symbol:Cart.buy", "keep": "edit"}]}):
    """Body of ``POST /api/v1/documents/{id}/resolve``: settle the conflict of one section."""

    section: str = Field(min_length=1, max_length=500)
    keep: Literal["edit", "generated"]


class DocumentRestore(Request, json_schema_extra={"examples": [{"revision": 2}]}):
    """Body of ``POST /api/v1/documents/{id}/restore``: make an earlier revision the newest again, as an edit."""

    revision: int = Field(ge=1)


class RevisionSummary(Reply):
    """One state of a document."""

    revision: int
    title: str
    origin: Literal["generated", "edited", "restored", "resolved"]
    author: str = ""
    """Who did it; empty for the generator."""
    commit: str
    created_at: datetime


class DocumentHistory(Reply):
    """Reply of ``GET /api/v1/documents/{id}/history``, the newest first."""

    items: list[RevisionSummary]


class RevisionRead(RevisionSummary):
    """Reply of ``GET /api/v1/documents/{id}/history/{revision}``."""

    content: str


class DiffLine(Reply):
    """A line of a comparison."""

    kind: Literal["same", "added", "removed", "skipped"]
    text: str = ""


class DocumentDiff(Reply):
    """Reply of ``GET /api/v1/documents/{id}/diff?from=&to=``: what changed between two revisions."""

    from_revision: int
    to_revision: int
    lines: list[DiffLine]


class ExportFormat(StrEnum):
    """What ``GET /api/v1/documents/export`` makes of all pages of a repository."""

    MARKDOWN = "markdown"
    """A zip of Markdown files."""
    SITE = "site"
    """A zip of a static web site."""
    JSON = "json"


class ExportedPage(Reply):
    """A page in the JSON export."""

    file: str
    """Where the Markdown export puts it."""
    path: str
    kind: str
    title: str
    source_file: str | None = None
    content: str
    sections: list[DocumentSection] = Field(default_factory=list)


class ExportedDocuments(Reply):
    """The JSON export: every page of a repository that was written from its code."""

    repository_id: str
    commit: str
    language: str
    pages: list[ExportedPage]

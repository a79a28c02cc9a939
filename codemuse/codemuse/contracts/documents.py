"""Documents that docgen-server renders from facts, and what people make of them."""

from datetime import datetime
from typing import Any

from pydantic import Field

from codemuse.contracts.common import Identifier, Reply, RepositoryPath, Request


class DocumentsGenerate(Request):
    """Body of ``POST /api/v1/documents/generate``: render all documents of a snapshot, or those of some source files."""

    snapshot_id: Identifier
    paths: list[RepositoryPath] | None = None


class DocumentsGenerated(Reply):
    """How many documents were rendered anew and how many were still right."""

    rendered: int
    unchanged: int
    removed: int = 0


class DocumentSummary(Reply):
    """A document without its text."""

    id: str
    repository_id: str
    title: str
    kind: str
    """``overview``, ``module`` or ``page`` (a prose file of the repository)."""
    path: str
    """Place in the document tree, e.g. ``src/flask/app.py``; the overview has ``/``."""
    source_file: str | None = None
    created_at: datetime
    updated_at: datetime
    metadata: dict[str, Any] = Field(default_factory=dict)


class DocumentRead(DocumentSummary):
    """A document with its Markdown."""

    content: str


class DocumentPage(Reply):
    """Reply of ``GET /api/v1/documents?repository_id=&query=&cursor=&limit=``."""

    items: list[DocumentSummary]
    next_cursor: str | None = None


class DocumentUpdate(Request):
    """Body of ``PUT /api/v1/documents/{id}``."""

    title: str | None = Field(default=None, min_length=1, max_length=300)
    content: str | None = Field(default=None, max_length=1_000_000)

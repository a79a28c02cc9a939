"""Versions of a repository that can be searched, and what changed between two of them."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import Field, StringConstraints

from codemuse.contracts.common import Identifier, Reply, Request, SearchText
from codemuse.contracts.rag import SearchHit, SearchMode, SearchScope

VersionName = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
"""A label, a ref, the number of a generation, or the beginning of a commit (7 characters or more)."""


class VersionRead(Reply):
    """A generation of a repository that can still be searched."""

    generation: int
    commit: str
    ref: str | None = None
    label: str | None = None
    kept: bool
    """Whether it outlives the generations after it."""
    is_published: bool
    """Whether it is the one that searches see."""
    chunk_count: int
    published_at: datetime


class VersionList(Reply):
    """Reply of ``GET /api/v1/repositories/{id}/versions``, the newest first."""

    items: list[VersionRead]


class VersionUpdate(Request):
    """Body of ``PATCH /api/v1/repositories/{id}/versions/{generation}``; what is not given stays as it is."""

    label: Annotated[VersionName, StringConstraints(pattern=r"\D")] | None = None
    """Not a mere number: numbers are generations."""
    kept: bool | None = None


class CompareRequest(Request):
    """Body of ``POST /api/v1/compare`` of rag-server: what changed about something between two generations."""

    organisation_id: Identifier
    before: SearchScope
    after: SearchScope
    query: SearchText
    limit: int = Field(default=10, ge=1, le=100)
    mode: SearchMode = SearchMode.HYBRID


class PublicCompareRequest(Request):
    """Body of ``POST /api/v1/search/compare``."""

    repository_id: Identifier
    query: SearchText
    before: VersionName
    after: VersionName | None = None
    """Without it, the published version."""
    limit: int = Field(default=10, ge=1, le=100)
    mode: SearchMode = SearchMode.HYBRID


class ChangeKind(StrEnum):
    """What happened to a passage."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


class ChangeRead(Reply):
    """A passage that is not the same in both versions; one that only moved within its file is."""

    kind: ChangeKind
    path: str
    symbol: str | None = None
    score: float
    before: SearchHit | None = None
    after: SearchHit | None = None


class CompareReply(Reply):
    """Changes, the most relevant first."""

    changes: list[ChangeRead]
    took_ms: float
    degraded: list[str] = Field(default_factory=list)

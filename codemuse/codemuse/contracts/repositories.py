"""Repositories and their files."""

from datetime import datetime
from enum import StrEnum

from pydantic import Field

from codemuse.contracts.common import (
    Name,
    Reply,
    Request,
)
from codemuse.contracts.docgen import LanguageShare
from codemuse.contracts.runs import (
    FileState,
    RunError,
    RunRead,
)


class RepositoryCreate(Request):
    """JSON body of ``POST /api/v1/repositories``; uploads come as multipart instead."""

    url: str = Field(min_length=1, max_length=2048)
    ref: str | None = Field(default=None, max_length=255)
    name: Name | None = None


class RepositoryIndex(Request):
    """JSON body of ``POST /api/v1/repositories/{id}/index``."""

    ref: str | None = Field(default=None, max_length=255)
    """A branch, tag or commit for this time; without it the repository's own, which stays what it is."""


class RepositoryStatus(StrEnum):
    """What a repository can be used for now."""

    PENDING = "pending"
    """Never indexed yet."""
    INDEXING = "indexing"
    """First index in the making."""
    READY = "ready"
    """Searchable; a newer index may be in the making, see ``active_run``."""
    FAILED = "failed"
    """The first index did not succeed."""
    STALE = "stale"
    """Searchable at an older commit; the last run failed."""
    DELETING = "deleting"


class RepositoryRead(Reply):
    """A repository of the caller's organisation."""

    id: str
    name: str
    url: str | None = None
    ref: str | None = None
    """What is indexed when nothing else is asked for; without it the branch that the source calls its own."""
    published_ref: str | None = None
    """What was indexed last: the same, or another ref that was asked for once."""
    commit: str | None = None
    generation: int
    status: RepositoryStatus
    file_count: int = 0
    chunk_count: int = 0
    problem_count: int = 0
    languages: list[LanguageShare] = Field(default_factory=list)
    refined: bool = False
    """Whether every chunk has its transformer vector already."""
    indexed_at: datetime | None = None
    created_at: datetime
    active_run: RunRead | None = None
    last_error: RunError | None = None


class RepositoryPage(Reply):
    """Reply of ``GET /api/v1/repositories``."""

    items: list[RepositoryRead]
    next_cursor: str | None = None


class RepositoryAccepted(Reply):
    """202: the repository is stored and a run will index it."""

    repository: RepositoryRead
    run: RunRead


class FileEntry(Reply):
    """One file in the tree of a repository."""

    path: str
    language: str | None = None
    state: FileState
    reason: str | None = None


class FileTree(Reply):
    """Reply of ``GET /api/v1/repositories/{id}/tree``: every file of the indexed commit, in path order."""

    commit: str
    items: list[FileEntry]


class FileRead(Reply):
    """Reply of ``GET /api/v1/repositories/{id}/files?path=&start=&end=``."""

    repository_id: str
    path: str
    commit: str
    language: str | None = None
    start_line: int
    end_line: int
    line_count: int
    text: str

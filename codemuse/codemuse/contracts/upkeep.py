"""The index as a whole: what it is, how it is built anew beside itself, and its backups."""

from datetime import datetime
from enum import StrEnum
from typing import Literal

from pydantic import Field

from codemuse.contracts.common import Identifier, Reply, Request
from codemuse.contracts.runs import RunRead


class IndexState(StrEnum):
    """How the index is."""

    OPENING = "opening"
    OPEN = "open"
    OUTDATED = "outdated"
    """It was made with models that are not served any more: keyword search works."""
    FAILED = "failed"


class IndexModelRead(Reply):
    """A model that vectors are made with."""

    id: str
    fingerprint: str
    dimensions: int


class OwnerRead(Reply):
    """A repository as the index knows it."""

    organisation_id: str
    repository_id: str


class BuildRead(Reply):
    """An index that is being built beside the one that is searched."""

    id: str
    collection: str
    backup: str = ""
    pending: list[OwnerRead] = Field(default_factory=list)
    """Repositories that are not in it yet."""
    chunk_count: int = 0


class IndexRead(Reply):
    """Reply of ``GET /api/v1/index``."""

    state: IndexState
    detail: str = ""
    engine: Literal["embedded", "server"] = "embedded"
    collection: str = ""
    models: list[IndexModelRead] = Field(default_factory=list)
    chunk_count: int = 0
    repository_count: int = 0
    build: BuildRead | None = None


class Owner(Request):
    """A repository of an organisation."""

    organisation_id: Identifier
    repository_id: Identifier


class BuildCreate(Request):
    """Body of ``PUT /api/v1/index/builds/{id}``: begin an index, empty or from a backup."""

    repositories: list[Owner] = Field(max_length=100_000)
    """Those that it must hold before it may be searched; whatever is indexed now is added."""
    backup: Identifier | None = None


class PathsRead(Reply):
    """Paths that a repository has chunks of, in any generation."""

    items: list[str]


class VersionState(Request):
    """A generation and what it was made from."""

    generation: int = Field(ge=1)
    commit: str = Field(max_length=64)


class RepositoryState(Owner):
    """The searchable versions of a repository, as Postgres knows them."""

    name: str = Field(default="", max_length=200)
    versions: list[VersionState] = Field(max_length=100_000)


class BackupOrigin(StrEnum):
    """Who wanted a backup."""

    PERSON = "person"
    SCHEDULE = "schedule"


class BackupCreate(Request):
    """Body of rag-server's ``POST /api/v1/backups``. Repeating it gives the same backup."""

    id: Identifier
    origin: BackupOrigin = BackupOrigin.PERSON
    repositories: list[RepositoryState] = Field(max_length=100_000)


class BackupFile(Reply):
    """One file of a backup."""

    path: str
    size: int
    sha256: str


class BackupRead(Reply):
    """A backup of the index."""

    id: str
    origin: BackupOrigin
    created_at: datetime
    engine: Literal["embedded", "server"]
    collection: str
    models: list[IndexModelRead]
    format: int
    """Of the points."""
    terms_version: int
    chunk_count: int
    repository_count: int
    byte_count: int
    """What it takes on disk."""
    is_complete: bool = True
    """Whether its manifest can be read; what it says is checked before a restore."""


class BackupManifest(BackupRead):
    """What lies beside the files of a backup."""

    repositories: list[RepositoryState]
    files: list[BackupFile]


class BackupList(Reply):
    """Reply of rag-server's ``GET /api/v1/backups``, the newest first."""

    items: list[BackupRead]


class BackupSchedule(Reply):
    """When backups are made by themselves."""

    every_hours: float
    """0: never."""
    kept: int
    next_at: datetime | None = None


class BackupPage(Reply):
    """Reply of the gateway's ``GET /api/v1/backups``, the newest first."""

    items: list[BackupRead]
    schedule: BackupSchedule


class UpkeepAccepted(Reply):
    """202: the run that does it is stored."""

    run: RunRead

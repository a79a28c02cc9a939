"""The public API: what browsers, CI jobs and the command line say to the gateway (DESIGN section 4)."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, EmailStr, Field, StringConstraints

from codemuse.contracts.common import BreakerRead, CheckRead, HealthState, Identifier, Reply, RepositoryPath, Request
from codemuse.contracts.docgen import LanguageShare
from codemuse.contracts.rag import SearchFilters, SearchMode

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
MAXIMUM_QUESTION_CHARACTERS = 8000


class SystemHealth(Reply):
    """Reply of ``GET /api/v1/health``."""

    status: HealthState
    version: str
    services: dict[str, CheckRead]


class ConfigRead(Reply):
    """Reply of ``GET /api/v1/config``: what the web app needs before anybody signs in."""

    version: str
    languages: list[str]
    sign_in_methods: list[str]
    features: dict[str, bool]
    default_model: str
    language_model_configured: bool
    maximum_archive_bytes: int
    maximum_question_characters: int


class LoginRequest(Request):
    """Body of ``POST /api/v1/auth/login``."""

    email: str = Field(max_length=320)
    password: str = Field(max_length=1024)


class RefreshRequest(Request):
    """Body of ``POST /api/v1/auth/refresh`` and ``/logout``."""

    refresh_token: str = Field(max_length=512)


class TokenReply(Reply):
    """A fresh pair of tokens."""

    access_token: str
    refresh_token: str
    token_type: Literal["bearer"] = "bearer"  # noqa: S105 - OAuth's word
    expires_in: int
    """Seconds until the access token ends."""


class UserRead(Reply):
    """Reply of ``GET /api/v1/auth/me``."""

    id: str
    email: str
    name: str
    role: str
    organisation_id: str
    organisation_name: str


class UserCreate(Request):
    """Body of ``POST /api/v1/users``; administrators only."""

    email: EmailStr
    name: Name
    password: str = Field(min_length=10, max_length=1024)
    role: Literal["admin", "member"] = "member"


class UserList(Reply):
    """Reply of ``GET /api/v1/users``."""

    items: list[UserRead]


class PasswordChange(Request):
    """Body of ``PUT /api/v1/auth/password``; ends all other sessions."""

    current_password: str = Field(max_length=1024)
    new_password: str = Field(min_length=10, max_length=1024)


class ApiKeyScope(StrEnum):
    """What an API key may be used for."""

    INDEX = "index"
    SEARCH = "search"
    CHAT = "chat"


class ApiKeyCreate(Request):
    """Body of ``POST /api/v1/api-keys``."""

    name: Name
    scopes: list[ApiKeyScope] = Field(min_length=1)


class ApiKeyRead(Reply):
    """An API key as lists show it."""

    id: str
    name: str
    prefix: str
    scopes: list[ApiKeyScope]
    created_at: datetime
    last_used_at: datetime | None = None


class ApiKeyCreated(ApiKeyRead):
    """Reply of the creation: the only time the key itself is shown."""

    key: str


class ApiKeyList(Reply):
    """Reply of ``GET /api/v1/api-keys``."""

    items: list[ApiKeyRead]


class RepositoryCreate(Request):
    """JSON body of ``POST /api/v1/repositories``; uploads come as multipart instead."""

    url: str = Field(min_length=1, max_length=2048)
    ref: str | None = Field(default=None, max_length=255)
    name: Name | None = None


class RepositoryIndex(Request):
    """JSON body of ``POST /api/v1/repositories/{id}/index``."""

    ref: str | None = Field(default=None, max_length=255)


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


class RunStatus(StrEnum):
    """Where a run is."""

    QUEUED = "queued"
    RUNNING = "running"
    WAITING = "waiting"
    """A dependency is away or saturated; the run goes on by itself."""
    SUCCEEDED = "succeeded"
    SUCCEEDED_WITH_WARNINGS = "succeeded_with_warnings"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def ended(self) -> bool:
        """Whether nothing more happens."""
        return self not in {RunStatus.QUEUED, RunStatus.RUNNING, RunStatus.WAITING}


class StepStatus(StrEnum):
    """Where a step is."""

    PENDING = "pending"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    SKIPPED = "skipped"


class StepRead(Reply):
    """One step of a run."""

    name: str
    status: StepStatus
    attempt: int
    started_at: datetime | None = None
    finished_at: datetime | None = None
    detail: dict[str, Any] = Field(default_factory=dict)


class ProgressRead(Reply):
    """Files of an index run; all zero for other kinds."""

    done: int = 0
    total: int = 0
    failed: int = 0


class RunError(Reply):
    """Why a run failed, and what a person can do."""

    error: str
    message: str
    request_id: str = ""
    details: dict[str, Any] = Field(default_factory=dict)


class RunRead(Reply):
    """Reply of ``GET /api/v1/runs/{id}``."""

    id: str
    kind: Literal["index", "ask", "delete"]
    status: RunStatus
    steps: list[StepRead]
    progress: ProgressRead
    error: RunError | None = None
    repository_id: str | None = None
    repository_name: str | None = None
    session_id: str | None = None
    title: str = ""
    """Repository and commit, or the question."""
    created_at: datetime
    started_at: datetime | None = None
    finished_at: datetime | None = None


class RunPage(Reply):
    """Reply of ``GET /api/v1/runs?kind=&status=&repository_id=&cursor=``."""

    items: list[RunRead]
    next_cursor: str | None = None


class FileState(StrEnum):
    """Where one file of an index run is."""

    PENDING = "pending"
    ANALYSED = "analysed"
    INDEXED = "indexed"
    UNCHANGED = "unchanged"
    SKIPPED = "skipped"
    QUARANTINED = "quarantined"
    REMOVED = "removed"


class RunFileRead(Reply):
    """One row of the ledger."""

    path: str
    state: FileState
    attempts: int
    reason: str | None = None
    message: str | None = None


class RunFilePage(Reply):
    """Reply of ``GET /api/v1/runs/{id}/files?state=&cursor=``."""

    items: list[RunFileRead]
    next_cursor: str | None = None


class RepositoryRead(Reply):
    """A repository of the caller's organisation."""

    id: str
    name: str
    url: str | None = None
    ref: str | None = None
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


class RunAccepted(Reply):
    """202: the run is stored."""

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


class PublicSearchRequest(Request):
    """Body of ``POST /api/v1/search``. Without ``repository_ids`` all of the organisation; an empty list finds nothing."""

    query: str = Field(min_length=1, max_length=4000)
    repository_ids: list[Identifier] | None = Field(default=None, max_length=200)
    limit: int = Field(default=10, ge=1, le=100)
    mode: SearchMode = SearchMode.HYBRID
    filters: SearchFilters = Field(default_factory=SearchFilters)


class PublicDocumentsGenerate(Request):
    """Body of ``POST /api/v1/documents/generate``."""

    repository_id: Identifier
    paths: list[RepositoryPath] | None = None


class SessionCreate(Request):
    """Body of ``POST /api/v1/chat/sessions``."""

    title: str | None = Field(default=None, max_length=300)
    repository_ids: list[Identifier] = Field(default_factory=list, max_length=200)


class SessionUpdate(Request):
    """Body of ``PATCH /api/v1/chat/sessions/{id}``."""

    title: str | None = Field(default=None, min_length=1, max_length=300)
    repository_ids: list[Identifier] | None = Field(default=None, max_length=200)


class SessionRead(Reply):
    """A conversation."""

    id: str
    title: str
    repository_ids: list[str]
    created_at: datetime
    updated_at: datetime


class SessionPage(Reply):
    """Reply of ``GET /api/v1/chat/sessions``, the most recent first."""

    items: list[SessionRead]
    next_cursor: str | None = None


class MessageCreate(Request):
    """Body of ``POST /api/v1/chat/sessions/{id}/messages``."""

    content: str = Field(min_length=1, max_length=MAXIMUM_QUESTION_CHARACTERS)
    repository_ids: list[Identifier] | None = Field(default=None, max_length=200)
    workflow: Literal["auto", "ask"] = "auto"
    model: str | None = Field(default=None, max_length=200)


class CitationRead(Reply):
    """A numbered source of an answer: ``[id]`` in the text."""

    id: int
    repository_id: str
    commit: str
    path: str
    start_line: int
    end_line: int
    symbol: str | None = None
    language: str = ""
    score: float = 0.0
    text: str = ""


class VerificationRead(Reply):
    """What the verify step checked, and what it found."""

    citations_checked: int = 0
    citations_ok: int = 0
    citations_repaired: int = 0
    citations_dropped: int = 0
    symbols_checked: int = 0
    symbols_unknown: list[str] = Field(default_factory=list)


class TokenUsage(Reply):
    """Tokens that an answer took."""

    prompt_tokens: int = 0
    completion_tokens: int = 0


class MessageStatus(StrEnum):
    """Where a message is."""

    COMPLETE = "complete"
    STREAMING = "streaming"
    INTERRUPTED = "interrupted"
    FAILED = "failed"


class MessageRead(Reply):
    """A question or an answer."""

    id: str
    session_id: str
    role: Literal["user", "assistant"]
    status: MessageStatus
    content: str
    citations: list[CitationRead] = Field(default_factory=list)
    verification: VerificationRead | None = None
    model: str | None = None
    usage: TokenUsage | None = None
    run_id: str | None = None
    error: RunError | None = None
    created_at: datetime


class MessagePage(Reply):
    """Reply of ``GET /api/v1/chat/sessions/{id}/messages``, oldest first."""

    items: list[MessageRead]
    next_cursor: str | None = None


class MessageAccepted(Reply):
    """202: question and run are stored; with ``?wait=true`` ``answer`` holds the finished message."""

    message: MessageRead
    run: RunRead
    answer: MessageRead | None = None


class WebSocketTicket(Reply):
    """Reply of ``POST /api/v1/chat/ws-tickets``: opens one WebSocket, once, soon."""

    ticket: str
    expires_in: int


class EventType(StrEnum):
    """Kinds of run events."""

    STATUS = "status"
    STEP = "step"
    PROGRESS = "progress"
    CITATION = "citation"
    TOKEN = "token"  # noqa: S105 - a piece of text
    RESET = "reset"
    MESSAGE = "message"
    ERROR = "error"
    DONE = "done"


class RunEvent(Reply):
    """One event of a run; ``seq`` grows by one. The other fields depend on ``type`` and stand in ``data``'s place.

    ``status``: ``status``. ``step``: ``name, status, attempt, detail``. ``progress``: ``done, total, failed``.
    ``citation``: the fields of ``CitationRead``. ``token``: ``text``. ``reset``: nothing. ``message``: ``message``.
    ``error``: ``error, message``. ``done``: ``status``.
    """

    model_config = ConfigDict(extra="allow")

    run_id: str
    seq: int
    type: EventType


class AskFrame(Request):
    """WebSocket client frame: ask in a session."""

    type: Literal["ask"]
    session_id: Identifier
    request_id: Identifier
    """Chosen by the client; asking again with the same id gives the same run."""
    content: str = Field(min_length=1, max_length=MAXIMUM_QUESTION_CHARACTERS)
    repository_ids: list[Identifier] | None = Field(default=None, max_length=200)
    workflow: Literal["auto", "ask"] = "auto"
    model: str | None = Field(default=None, max_length=200)


class ResumeFrame(Request):
    """WebSocket client frame: read a run on from the last event that was seen."""

    type: Literal["resume"]
    run_id: Identifier
    after: int = Field(default=0, ge=0)


class StopFrame(Request):
    """WebSocket client frame: stop a run."""

    type: Literal["stop"]
    run_id: Identifier


class AcceptedFrame(Reply):
    """WebSocket server frame: the answer to ``ask``; the run's events follow."""

    type: Literal["accepted"] = "accepted"
    request_id: str
    message: MessageRead
    run: RunRead


class FrameError(Reply):
    """WebSocket server frame: a client frame was refused; the socket stays open."""

    type: Literal["error"] = "error"
    error: str
    message: str
    request_id: str | None = None
    run_id: str | None = None


class CircuitBreakerList(Reply):
    """Reply of ``GET /api/v1/circuit-breakers``: the breakers of the gateway and its workers."""

    items: list[BreakerRead]

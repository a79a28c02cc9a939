"""Conversations over HTTP and over the WebSocket."""

from datetime import datetime
from enum import StrEnum
from typing import Literal

from pydantic import Field

from codemuse.contracts.common import (
    Identifier,
    Reply,
    Request,
)
from codemuse.contracts.prompts import PromptReference
from codemuse.contracts.runs import (
    RunError,
    RunRead,
)

MAXIMUM_QUESTION_CHARACTERS = 8000


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
    """A model or a role."""
    prompt: PromptReference | None = None
    """A prompt template, by name and version; the organisation's ``ask`` when not given, or the built-in one."""


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
    prompt: PromptReference | None = None


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

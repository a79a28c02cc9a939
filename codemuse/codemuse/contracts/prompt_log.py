"""What is asked and answered, written down where an administrator of the organisation wants that."""

from datetime import datetime
from typing import Any

from pydantic import Field

from codemuse.contracts.common import Reply, Request


class PromptLogPolicyWrite(Request):
    """Body of ``PUT /api/v1/prompt-log/policy``."""

    enabled: bool
    keep_days: int = Field(default=30, ge=1, le=365)
    """Entries older than this are deleted."""


class PromptLogPolicyRead(Reply):
    """Whether prompts and answers are written down; off unless an administrator turned it on."""

    enabled: bool = False
    keep_days: int = 30
    changed_by: str = ""
    """Id of the administrator."""
    changed_at: datetime | None = None


class LoggedCall(Reply):
    """A call; what looks like a credential is masked, images are left out."""

    id: str
    created_at: datetime
    user_id: str
    key_id: str
    run_id: str
    asked_for: str
    model: str
    outcome: str
    messages: list[dict[str, Any]]
    answer: str


class LoggedCallList(Reply):
    """Reply of ``GET /api/v1/prompt-log``, newest first."""

    items: list[LoggedCall]
    next_before: datetime | None = None
    """Give it as ``before`` to read on; nothing after the last page."""


class PromptLogCleared(Reply):
    """Reply of ``DELETE /api/v1/prompt-log``."""

    deleted: int

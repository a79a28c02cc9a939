"""What belongs to the request at hand: its id and its deadline, carried across services."""

import re
import time
import uuid
from contextvars import ContextVar

import structlog

REQUEST_ID_HEADER = "X-Request-ID"
DEADLINE_HEADER = "X-CodeMuse-Timeout-Seconds"
"""Seconds that the caller will still wait; a relative time, so that clocks need not agree."""

_request_id: ContextVar[str] = ContextVar("request_id", default="")
_deadline: ContextVar[float | None] = ContextVar("deadline", default=None)
_WELL_FORMED = re.compile(r"[A-Za-z0-9_\-]{8,64}")


def begin_request(request_id: str | None = None, timeout_seconds: float | None = None) -> str:
    """Start a request or run in this context and bind its id to all logs.

    Returns:
        The id: the given one if it is well formed, else a new one.
    """
    chosen = request_id if request_id and _WELL_FORMED.fullmatch(request_id) else uuid.uuid4().hex
    _request_id.set(chosen)
    _deadline.set(time.monotonic() + timeout_seconds if timeout_seconds is not None else None)
    structlog.contextvars.bind_contextvars(request_id=chosen)
    return chosen


def current_request_id() -> str:
    """Id of the request being worked on, or an empty text outside of one."""
    return _request_id.get()


def remaining_seconds() -> float | None:
    """Seconds until the deadline (never below zero), or ``None`` when there is none."""
    deadline = _deadline.get()
    return None if deadline is None else max(0.0, deadline - time.monotonic())

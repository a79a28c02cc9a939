"""The error family of the platform and its one envelope.

CodeMuseError
├── InvalidInput          422  the caller sent something that cannot be worked with
│   └── InvalidRequest    400  the request itself is malformed (bad JSON, bad header)
├── Unauthenticated       401  who is calling is not known
├── BudgetExceeded        402  what may be spent is spent
├── Forbidden             403  who is calling may not do this
├── NotFound              404  there is no such thing, or it belongs to somebody else
├── MethodNotAllowed      405  the address exists, the method does not
├── Conflict              409  the thing is in a state that does not allow this now
├── PayloadTooLarge       413  the body is larger than the service accepts
├── TooManyRequests       429  try again after ``retry_after`` seconds
├── Internal              500  our fault; the details stay in the log
├── DependencyFailed      502  a service we need answered with nonsense or an error
├── Unavailable           503  a service we need cannot be reached; try again after ``retry_after`` seconds
└── DeadlineExceeded      504  the time that was given ran out

Features define leaves of their own with a stable ``code``; the class decides the status.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, ClassVar

from codemuse.contracts.common import ErrorBody


class CodeMuseError(Exception):
    """Base of all errors that may leave a service.

    Args:
        message: One sentence that a person can act on.
        code: Replaces the stable code of the class, for leaves that differ in nothing else.
        retry_after: Seconds after which trying again makes sense.
        **details: JSON values that help a program.
    """

    code: ClassVar[str]
    status: ClassVar[int]
    headers: Mapping[str, str] = MappingProxyType({})
    """Headers that the reply has besides those of every error."""

    def __init__(
        self, message: str, *, code: str | None = None, retry_after: float | None = None, **details: Any
    ) -> None:
        super().__init__(message)
        self.message = message
        self.public_code = code or self.code
        self.retry_after = retry_after
        self.details = details

    def body(self, request_id: str) -> ErrorBody:
        """The envelope that a caller sees."""
        return ErrorBody(error=self.public_code, message=self.message, request_id=request_id, details=self.details)


class InvalidInput(CodeMuseError):
    """The caller sent something that cannot be worked with."""

    code = "invalid_input"
    status = 422


class InvalidRequest(InvalidInput):
    """The request itself is malformed."""

    code = "invalid_request"
    status = 400


class Unauthenticated(CodeMuseError):
    """Who is calling is not known."""

    code = "unauthenticated"
    status = 401


class BudgetExceeded(CodeMuseError):
    """What may be spent is spent: only the next period or a larger budget helps, so nobody should simply try again."""

    code = "budget_exceeded"
    status = 402


class Forbidden(CodeMuseError):
    """Who is calling may not do this."""

    code = "forbidden"
    status = 403


class NotFound(CodeMuseError):
    """There is no such thing, or it belongs to somebody else."""

    code = "not_found"
    status = 404


class MethodNotAllowed(CodeMuseError):
    """The address exists, the method does not."""

    code = "method_not_allowed"
    status = 405


class Conflict(CodeMuseError):
    """The thing is in a state that does not allow this now."""

    code = "conflict"
    status = 409


class PayloadTooLarge(CodeMuseError):
    """The body is larger than the service accepts."""

    code = "payload_too_large"
    status = 413


class TooManyRequests(CodeMuseError):
    """The caller, or all callers together, ask for more than is allowed now."""

    code = "too_many_requests"
    status = 429


class Internal(CodeMuseError):
    """Our fault; the details stay in the log."""

    code = "internal_error"
    status = 500


class DependencyFailed(CodeMuseError):
    """A service we need answered with nonsense or an error."""

    code = "dependency_failed"
    status = 502


class Unavailable(CodeMuseError):
    """A service we need cannot be reached now."""

    code = "unavailable"
    status = 503


class DeadlineExceeded(CodeMuseError):
    """The time that was given ran out."""

    code = "deadline_exceeded"
    status = 504


_BY_STATUS: dict[int, type[CodeMuseError]] = {
    leaf.status: leaf
    for leaf in (
        InvalidInput, InvalidRequest, Unauthenticated, BudgetExceeded, Forbidden, NotFound, MethodNotAllowed, Conflict,
        PayloadTooLarge, TooManyRequests, Internal, DependencyFailed, Unavailable, DeadlineExceeded,
    )
}  # fmt: skip


def from_envelope(status: int, body: ErrorBody, *, retry_after: float | None = None) -> CodeMuseError:
    """Turn a downstream envelope back into the class it was raised as, keeping its stable code."""
    fallback = InvalidInput if status < 500 else DependencyFailed
    return _BY_STATUS.get(status, fallback)(body.message, code=body.error, retry_after=retry_after, **body.details)

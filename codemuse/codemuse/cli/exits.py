"""Exit codes of the command line; scripts rely on them."""

from enum import IntEnum


class Exit(IntEnum):
    """What the exit status says."""

    OK = 0
    FAILED = 1
    """The run failed or was cancelled; committed documents are stale."""
    USAGE = 2
    """The command line itself is wrong."""
    NOT_SIGNED_IN = 3
    """No credentials, or the server does not accept them."""
    UNREACHABLE = 4
    """The server does not answer, or answers with an error of its own."""
    REFUSED = 5
    """The server refused the request; the message says why."""
    TIMED_OUT = 6
    """It was not done within ``--timeout``; it goes on all the same."""


class CommandError(Exception):
    """Ends a command with a sentence and an exit code."""

    def __init__(self, message: str, exit_code: Exit, *, error: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.exit_code = exit_code
        self.error = error or exit_code.name.lower()

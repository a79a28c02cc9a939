"""The error family survives the trip over the wire."""

import pytest

from codemuse import errors
from codemuse.contracts.common import ErrorBody


@pytest.mark.parametrize(
    "raised",
    [
        errors.InvalidInput("Too long.", limit=5),
        errors.NotFound("There is no such run.", code="run_not_found"),
        errors.MethodNotAllowed("Not that way."),
        errors.Conflict("Not now."),
        errors.TooManyRequests("Slow down.", retry_after=3),
        errors.Unavailable("Away."),
        errors.DependencyFailed("Nonsense."),
        errors.DeadlineExceeded("Too late."),
    ],
)
def test_an_envelope_becomes_the_class_it_was_raised_as(raised: errors.CodeMuseError) -> None:
    received = errors.from_envelope(raised.status, raised.body("request-1"), retry_after=raised.retry_after)
    assert type(received) is type(raised)
    assert received.public_code == raised.public_code
    assert received.message == raised.message
    assert received.details == raised.details
    assert received.retry_after == raised.retry_after


def test_an_unknown_status_becomes_an_error_of_its_kind() -> None:
    body = ErrorBody(error="teapot", message="I am a teapot.")
    assert isinstance(errors.from_envelope(418, body), errors.InvalidInput)
    assert isinstance(errors.from_envelope(599, body), errors.DependencyFailed)

"""What a refusal of an upstream means."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from llm_server.core.errors import (
    ContentRefused,
    ContextExceeded,
    KeyRefused,
    ModelFailed,
    ModelOverloaded,
    ModelRateLimited,
    RequestRefused,
)
from llm_server.core.model import Kind, Model
from llm_server.core.upstream import Upstream

UPSTREAM = Upstream(Model("m", Kind.OPENAI), None, {})  # type: ignore[arg-type] - nothing is sent


@pytest.mark.parametrize(
    ("status", "content", "expected"),
    [
        (400, b'{"error": {"message": "no", "code": "context_length_exceeded"}}', ContextExceeded),
        (400, b'{"error": {"message": "This model\'s maximum context length is 9 tokens"}}', ContextExceeded),
        (413, b'{"type": "error", "error": {"type": "x", "message": "prompt is too long"}}', ContextExceeded),
        (400, b'{"error": {"message": "no", "code": "content_filter"}}', ContentRefused),
        (400, b'{"error": "temperature must be a number"}', RequestRefused),
        (422, b"<html>", RequestRefused),
        (401, b"", KeyRefused),
        (403, b"[]", KeyRefused),
        (402, b"", ModelFailed),
        (404, b"", ModelFailed),
        (408, b"", ModelFailed),
        (409, b"", ModelFailed),
        (429, b"", ModelRateLimited),
        (529, b"", ModelRateLimited),
        (500, b"", ModelFailed),
        (502, b"", ModelOverloaded),
        (503, b"", ModelOverloaded),
        (302, b"", ModelFailed),
    ],
)
def test_each_refusal_has_its_meaning(status, content, expected) -> None:
    assert type(UPSTREAM.refusal(status, {}, content)) is expected


def test_what_embedding_server_refuses_keeps_its_code_and_words() -> None:
    content = b'{"error": {"message": "Arrays of tokens are not supported.", "code": "token_arrays_unsupported"}}'
    refusal = UPSTREAM.refusal(422, {}, content)
    assert type(refusal) is RequestRefused
    assert (refusal.public_code, refusal.message) == ("token_arrays_unsupported", "Arrays of tokens are not supported.")
    other = UPSTREAM.refusal(422, {}, b'{"error": {"message": "no", "code": "whatever"}}')
    assert (other.public_code, other.message) == ("llm_refused", "m: no")


@pytest.mark.parametrize(
    ("given", "least", "most"),
    [("7", 7, 7), ("1.5", 1.5, 1.5), (90, 60, 91), (-90, 0, 0), ("soon", 5, 5), ("", 5, 5)],
)
def test_when_to_come_back_is_said_in_seconds_or_as_a_date(given, least, most) -> None:
    if isinstance(given, int):
        given = format_datetime(datetime.now(UTC) + timedelta(seconds=given), usegmt=True)
    waited = UPSTREAM.refusal(429, {"Retry-After": given}, b"").retry_after
    assert waited is not None
    assert least <= waited <= most

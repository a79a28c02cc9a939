"""Nothing that looks like a credential reaches a log."""

import pytest

from codemuse.logging import mask, redact


@pytest.mark.parametrize(
    "secret",
    [
        "cm_AbCdEf0123456789",
        "sk-proj-abcdefgh12345678",
        "ghp_abcdefghijkl0123456789",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl",
    ],
)
def test_credentials_inside_a_text_are_masked(secret: str) -> None:
    assert secret not in mask(f"called with {secret} in the text")


def test_a_bearer_header_keeps_its_scheme_only() -> None:
    assert mask("Authorization: Bearer abcdefgh12345678") == "Authorization: Bearer ***"


def test_passwords_in_urls_are_masked() -> None:
    assert "hunter2" not in mask("postgresql://codemuse:hunter2@db/codemuse")


def test_values_under_secret_names_are_masked_and_counts_are_not() -> None:
    event = redact(
        None, "info", {"password": "x", "api_key": "y", "Authorization": "z", "prompt_tokens": 12, "path": "a.py"}
    )
    assert event == {"password": "***", "api_key": "***", "Authorization": "***", "prompt_tokens": 12, "path": "a.py"}

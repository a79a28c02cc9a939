"""What looks like a credential is taken out before prompts are kept; code that only names one stays."""

import pytest

from llm_server.core.recording.secrets import hide_secrets

AMAZON = "AKIA" + "QWERTYUIOPASDFGH"
GOOGLE = "AIza" + "Sy" + "d" * 33
STRIPE = "sk_live_" + "1234567890abcdef"
GITHUB = "github_pat_" + "a1" * 15
KEY = "-----BEGIN RSA PRIVATE KEY-----\nMIIEow\nIBAAK\n-----END RSA PRIVATE KEY-----"


@pytest.mark.parametrize("secret", [AMAZON, GOOGLE, STRIPE, GITHUB, KEY, "sk-proj-abcdefgh12345678"])
def test_credentials_are_known_by_their_form(secret: str) -> None:
    assert hide_secrets(f"We use {secret} here.") == "We use *** here."


@pytest.mark.parametrize(
    "line",
    [
        'password = "correct-horse-9"',
        "DB_PASSWORD=correct-horse-9",
        '"api_key": "correct-horse-9"',
        "secret: correct-horse-9",
        "auth_token => 'correct-horse-9'",
    ],
)
def test_what_is_assigned_to_a_secrets_name_is_taken_out(line: str) -> None:
    assert "correct-horse-9" not in hide_secrets(line)
    assert "***" in hide_secrets(line)


@pytest.mark.parametrize(
    "line",
    [
        "password = get_password(user)",
        "token = settings.service_token",
        "api_key: ${API_KEY}",
        "How is the token refreshed?",
        "def read(self, token: str) -> Claims:",
        "tokens = 1234567",
    ],
)
def test_code_that_only_speaks_of_secrets_stays(line: str) -> None:
    assert hide_secrets(line) == line


def test_a_private_key_that_is_cut_off_is_taken_out_to_the_end() -> None:
    assert hide_secrets("Look: " + KEY[:50]) == "Look: ***"

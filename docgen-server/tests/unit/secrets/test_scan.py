import random
import string

import pytest

from docgen_server.core.secrets.scan import find_secrets, mask_text


def random_text(length, alphabet=string.ascii_letters + string.digits):
    return "".join(random.Random(length).choices(alphabet, k=length))


TOKENS = {
    "github-pat": "ghp_" + random_text(36),
    "aws-access-token": "AKIA" + random_text(16, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"),
    "slack-bot-token": "xoxb-" + random_text(11, string.digits) + "-" + random_text(11, string.digits) + "-" + random_text(24),
    "gitlab-pat": "glpat-" + random_text(20),
    "stripe-access-token": "sk_live_" + random_text(30),
    "npm-access-token": "npm_" + random_text(36, string.ascii_lowercase + string.digits),
}  # fmt: skip


@pytest.mark.parametrize("rule", TOKENS)
def test_tokens_are_known_by_their_form_and_masked_in_place(rule):
    text = f"# settings\ntoken = '{TOKENS[rule]}'  # keep\n"

    assert [(secret.rule, secret.line) for secret in find_secrets(text.split("\n"))] == [(rule, 2)]
    masked = mask_text(text)
    assert TOKENS[rule] not in masked
    assert (len(masked), masked.endswith("'  # keep\n")) == (len(text), True)


def test_a_random_literal_that_is_called_a_password_is_one():
    text = 'db_password: "q7Zr2mW9xK4tB6nD"'

    assert [secret.rule for secret in find_secrets([text])] == ["assigned-secret"]


@pytest.mark.parametrize(
    "line",
    [
        'password = "changeme-please-1"',
        'api_key = os.environ["API_KEY_2024_LIVE"]',
        'secret_name = "customer-invoices"',
        'token = "your-token-1234567890abc"',
        "AKIAIOSFODNN7EXAMPLE",
        'path = "/usr/share/secrets/keys/1234567890"',
    ],
)
def test_names_and_placeholders_are_no_secrets(line):
    assert find_secrets([line]) == []


def test_every_line_of_a_private_key_is_masked():
    body = [random_text(64), random_text(63) + "="]
    text = "\n".join(["-----BEGIN RSA PRIVATE KEY-----", *body, "-----END RSA PRIVATE KEY-----", "x = 1"])
    masked = mask_text(text).split("\n")

    assert masked[1:3] == ["*" * 64, "*" * 64]
    assert masked[4] == "x = 1"


def test_a_huge_line_is_passed_over():
    assert find_secrets(["x" * 100_000 + TOKENS["github-pat"]]) == []

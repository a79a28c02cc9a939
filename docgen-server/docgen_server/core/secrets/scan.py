"""Secrets in a text: where they stand, and the same text without them."""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import NamedTuple

from docgen_server.core.secrets.rules import load_rules, shannon_bits

_LONGEST_LINE = 2000
_NAMED = re.compile(
    r"""(?ix) (?:^|[^\w.-]) [\w.-]{0,40}?
    (?:password|passwd|secret|api_?key|access_?key|auth_?token|private_?key|client_?secret) [\w-]{0,20}
    ["']? \s* (?::=|=>|:|=) \s* ["'] (?P<value>[^"'\s]{12,200}) ["'] """
)
_HINTS = ("passw", "secret", "key", "token")
_GIVEN = re.compile(r"[\w-]{0,24}[\"']?\s*(?:=|:)[=>]?\s*[\"'][^\s\"']{12}")
_TOKEN = re.compile(r"(?a)\b[\w+/=.-]{16,}")
_DIGIT = re.compile(r"\d")
_PLACEHOLDER = re.compile(
    r"(?i)example|change-?_?me|placeholder|dummy|sample|your[_-]|xxx|<|\$\{|%\(|\{\{|todo|\.\.\.|redacted|not[_-]?a|insecure|foo|bar"
)
_SMALLEST_BITS = 3.5
_KEY_BEGIN = re.compile(r"-----BEGIN (?:[A-Z0-9 ]{0,30})PRIVATE KEY(?: BLOCK)?-----")
_KEY_END = "-----END"
_KEY_LINE = re.compile(r"[A-Za-z0-9+/=]{16,}")
_LONGEST_KEY_LINES = 120


class Secret(NamedTuple):
    """A secret in a text. Lines count from 1, columns from 0; the end is not included."""

    rule: str
    line: int
    start: int
    end: int


def find_secrets(lines: Sequence[str]) -> list[Secret]:
    """Every secret in a text, in order, at most one of a rule in a line."""
    text = _Text(lines)
    found = [*_known(text), *_named(text), *_private_keys(text)]
    unique: dict[tuple[int, int], Secret] = {}
    for secret in found:
        unique.setdefault((secret.line, secret.start), secret)
    return sorted(unique.values(), key=lambda secret: (secret.line, secret.start))


def mask_lines(lines: Sequence[str]) -> list[str]:
    """The same lines, each secret behind asterisks of its length; nothing else moves."""
    masked = list(lines)
    for secret in find_secrets(lines):
        text = masked[secret.line - 1]
        masked[secret.line - 1] = text[: secret.start] + "*" * (secret.end - secret.start) + text[secret.end :]
    return masked


def mask_text(text: str) -> str:
    """The same text with its secrets behind asterisks."""
    return "\n".join(mask_lines(text.split("\n")))


class _Text:
    """A text that is searched for many words: few lines can hold a secret at all, and only these are searched."""

    def __init__(self, lines: Sequence[str]) -> None:
        self.lines = lines
        self.whole = "\n".join(lines)
        self._starts = list(accumulate((len(line) + 1 for line in lines), initial=0))

    def line_at(self, position: int) -> int:
        """Number of the line that holds a character."""
        return bisect_right(self._starts, position)

    def suspicious(self) -> dict[int, str]:
        """Lines with a long token that has a digit in it, in lower case, by number."""
        found: dict[int, str] = {}
        for match in _TOKEN.finditer(self.whole):
            if _DIGIT.search(match[0]):
                number = self.line_at(match.start())
                if len(self.lines[number - 1]) <= _LONGEST_LINE:
                    found[number] = self.lines[number - 1].lower()
        return found

    def hinting(self) -> list[int]:
        """Numbers of the lines where something that may be called a secret is given a long value."""
        lowered = self.whole.replace("İ", "i").lower()  # the one letter whose small form is longer
        found: set[int] = set()
        for hint in _HINTS:
            at = lowered.find(hint)
            while at >= 0:
                if _GIVEN.match(self.whole, at + len(hint)):
                    found.add(self.line_at(at))
                at = lowered.find(hint, at + 1)
        return sorted(found)


def _known(text: _Text) -> Iterator[Secret]:
    """What gitleaks' rules recognise by its form."""
    suspicious = text.suspicious()
    if not suspicious:
        return
    rules = load_rules()
    together = "\n".join(suspicious.values())
    present = [(keyword, numbers) for keyword, numbers in rules.keywords.items() if keyword in together]
    for number, lowered in suspicious.items():
        wanted = dict.fromkeys(rule for keyword, numbers in present if keyword in lowered for rule in numbers)
        for rule in map(rules.get, wanted):
            if span := rule.match(text.lines[number - 1]):
                yield Secret(rule.id, number, *span)


def _named(text: _Text) -> Iterator[Secret]:
    """A random-looking literal that is given to something called password, secret or key."""
    for number in text.hinting():
        line = text.lines[number - 1]
        match = _NAMED.search(line) if len(line) <= _LONGEST_LINE else None
        if match and not _PLACEHOLDER.search(line) and _looks_random(match["value"]):
            yield Secret("assigned-secret", number, *match.span("value"))


def _private_keys(text: _Text) -> Iterator[Secret]:
    """The lines of a private key between its marks."""
    for match in _KEY_BEGIN.finditer(text.whole):
        number = text.line_at(match.start())
        line = text.lines[number - 1]
        if rest := _KEY_LINE.search(line, line.index("PRIVATE KEY")):
            yield Secret("private-key", number, *rest.span())
        inside = text.lines[number : number + _LONGEST_KEY_LINES]
        end = next((index for index, following in enumerate(inside) if _KEY_END in following), 0)
        for index, following in enumerate(inside[:end]):
            if found := _KEY_LINE.search(following):
                yield Secret("private-key", number + 1 + index, *found.span())


def _looks_random(value: str) -> bool:
    has_digit = any(character.isdigit() for character in value)
    has_letter = any(character.isalpha() for character in value)
    return has_digit and has_letter and shannon_bits(value) >= _SMALLEST_BITS

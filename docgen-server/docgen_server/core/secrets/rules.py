"""The rules of gitleaks as Python can run them: compiled when one of their keywords is met for the first time."""

import math
import re
import tomllib
import warnings
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

_POSIX_CLASSES = {"[:alnum:]": "A-Za-z0-9", "[:alpha:]": "A-Za-z", "[:digit:]": "0-9", "[:xdigit:]": "0-9A-Fa-f"}
_LEFT_OUT = frozenset(
    {"generic-api-key", "private-key", "curl-auth-user", "curl-auth-header", "kubernetes-secret-yaml"}
)
"""Rules that span lines or guess by the name alone; ``find`` has stricter ones of its own for these."""


def shannon_bits(value: str) -> float:
    """Entropy of a text in bits a character: random tokens have 3.5 and more, words less."""
    counts = Counter(value)
    return -sum(count / len(value) * math.log2(count / len(value)) for count in counts.values())


@dataclass(frozen=True)
class SecretRule:
    """How one kind of secret looks."""

    id: str
    title: str
    pattern: re.Pattern[str]
    smallest_bits: float
    group: int
    allowed: Sequence[re.Pattern[str]] = field(default_factory=tuple)
    stopwords: Sequence[str] = ()

    def match(self, line: str) -> tuple[int, int] | None:
        """Where in a line the secret stands."""
        found = self.pattern.search(line)
        if found is None:
            return None
        group = self.group or (1 if self.pattern.groups and found[1] else 0)
        value = found[group]
        if not value or shannon_bits(value) < self.smallest_bits:
            return None
        is_allowed = any(allowed.search(value) or allowed.search(found[0]) for allowed in self.allowed)
        if is_allowed or any(word in value.lower() for word in self.stopwords):
            return None
        return found.span(group)


class RuleSet:
    """The rules by their keywords."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._everywhere = document["allowlist"]
        # Rules for certain paths only are guesses anywhere else.
        self._documents = [
            item for item in document["rules"] if "regex" in item and "path" not in item and item["id"] not in _LEFT_OUT
        ]
        self._rules: dict[int, SecretRule] = {}
        self.keywords: dict[str, list[int]] = {}
        for number, item in enumerate(self._documents):
            for keyword in item.get("keywords", ()):
                self.keywords.setdefault(keyword.lower(), []).append(number)

    def get(self, number: int) -> SecretRule:
        """One rule, compiled once."""
        if number not in self._rules:
            self._rules[number] = self._compile(self._documents[number])
        return self._rules[number]

    def _compile(self, item: Mapping[str, Any]) -> SecretRule:
        lists = [self._everywhere, *item.get("allowlists", ())]
        return SecretRule(
            id=item["id"],
            title=item["id"].replace("-", " "),
            pattern=_compiled(item["regex"]),
            smallest_bits=float(item.get("entropy", 0)),
            group=int(item.get("secretGroup", 0)),
            allowed=[_compiled(text) for allowed in lists for text in allowed.get("regexes", ())],
            stopwords=[word.lower() for allowed in lists for word in allowed.get("stopwords", ())],
        )


@cache
def load_rules() -> RuleSet:
    """The rules that come with this package."""
    text = files(__package__).joinpath("gitleaks.toml").read_text(encoding="utf-8")
    return RuleSet(tomllib.loads(text))


def _compiled(text: str) -> re.Pattern[str]:
    r"""A pattern of Go's syntax: flags may stand anywhere there, and the end of the text is ``\z``."""
    for name, characters in _POSIX_CLASSES.items():
        text = text.replace(name, characters)
    text = text.replace("\\z", "\\Z")
    if "(?i)" in text:
        text = "(?i)" + text.replace("(?i)", "")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        return re.compile(text)

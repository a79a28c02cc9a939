"""Which words are worth asking, and in which order: no trivial, generated or mangled ones; the same ones each time."""

import hashlib
import re
from collections.abc import Callable, Iterable
from typing import TypeVar

T = TypeVar("T")

_FEWEST_WORDS, _MOST_WORDS = 4, 40
_LONGEST = 300
_LETTERS = 0.6
_WORD = re.compile(r"[^\W\d_]{2,}")
_IDENTIFIER_PART = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|[^\W\d_A-Za-z]+")
_EMPTY_TALK = re.compile(
    r"(todo|fixme|deprecated|see( also)?\b|same as|inherit|copyright|licen[cs]e|generated|auto-?generated|internal use|noqa|@|\{@|:\w+:|http)",
    re.IGNORECASE,
)


def in_lots(items: Iterable[T], seed: str, key: Callable[[T], str]) -> list[T]:
    """Shuffled, in the same way for the same seed; what is added or removed leaves the others in their order."""
    return sorted(items, key=lambda item: hashlib.sha256(f"{seed}\n{key(item)}".encode()).digest())


def is_telling(text: str, *, fewest: int = _FEWEST_WORDS) -> bool:
    """Whether somebody could find a place by these words."""
    words = _WORD.findall(text)
    if not fewest <= len(words) <= _MOST_WORDS or len(text) > _LONGEST or _EMPTY_TALK.match(text):
        return False
    return sum(map(str.isalpha, text)) >= _LETTERS * len(text.replace(" ", "")) and len({*map(str.lower, words)}) >= 3


def words_of_name(name: str) -> list[str]:
    """A name in words: ``testKeepsQuery_2`` is ``test keeps query 2``."""
    return [part.lower() for part in _IDENTIFIER_PART.findall(name)]

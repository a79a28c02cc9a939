"""Splits code and prose into the terms that keyword search compares.

Identifiers give their parts (camelCase, snake_case, digits) as English stems and, when there are several, the whole in
lower case. Hangul gives pairs of syllables, because Korean glues particles to its words: 인증을 must find 인증.
"""

import re
from collections.abc import Iterator
from functools import lru_cache

import snowballstemmer  # type: ignore[import-untyped]

MAXIMUM_WORD = 64
"""Longer runs of letters are data (hashes, base64) and not words; they are left out."""

_WORD = re.compile(r"[가-힣]+|[^\W가-힣]+")
_PART = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[^\W\dA-Z_]+|[A-Z]+|[0-9]+")
_HANGUL = re.compile(r"[가-힣]")

_STOPWORDS = """
a an and are as at be been being by can could did do does for from had has have how i if in into is it its me my no not
of on or our should so such than that the their them then there these they this those to was we were what when where
which who why will with would you your
"""
STOPWORDS = frozenset(_STOPWORDS.split())


def iter_terms(text: str) -> Iterator[str]:
    """All terms of a text, repeated as often as they occur."""
    for word in _WORD.findall(text):
        if len(word) <= MAXIMUM_WORD:
            yield from terms_of_word(word)


def query_terms(text: str) -> list[str]:
    """The terms of a question without words that carry no meaning; all of them if nothing else is left."""
    words = [word for word in _WORD.findall(text) if len(word) <= MAXIMUM_WORD]
    telling = [word for word in words if word.lower() not in STOPWORDS]
    return [term for word in telling or words for term in terms_of_word(word)]


@lru_cache(maxsize=200_000)
def terms_of_word(word: str) -> tuple[str, ...]:
    """The terms of one identifier or word."""
    if _HANGUL.match(word):
        return tuple(word[i : i + 2] for i in range(len(word) - 1)) or (word,)
    parts = [part.lower() for part in _PART.findall(word)]
    stems = [_stem(part) for part in parts]
    if len(parts) < 2:
        return tuple(stems)
    return (*stems, "".join(parts))


@lru_cache(maxsize=100_000)
def _stem(part: str) -> str:
    # A stemmer keeps the word it works on, and several threads tokenise at once: each word gets one of its own.
    stem: str = snowballstemmer.stemmer("english").stemWord(part)
    return stem

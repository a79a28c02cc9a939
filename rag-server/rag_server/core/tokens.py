"""Splits code and prose into the terms that keyword search compares.

Identifiers give their parts (camelCase, snake_case, digits) as English stems, shortened words as their full ones, and, when
there are several parts, the whole in lower case. Hangul gives pairs of syllables, because Korean glues particles to its words: 인증을 must find 인증.
Operators are terms where they are defined or asked for (``operator==``, ``def <=>``); everywhere else they say nothing.
"""

import re
import threading
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import pairwise

import Stemmer  # type: ignore[import-not-found]

from codemuse.contracts.common import composed
from rag_server.core.vocabulary import FULL_WORDS


class _OfThread(threading.local):
    """A stemmer keeps the word it works on, and several threads tokenise at once."""

    def __init__(self) -> None:
        self.stemmer = Stemmer.Stemmer("english", maxCacheSize=0)


_thread = _OfThread()

MAXIMUM_WORD = 64
"""Longer runs of letters are data (hashes, base64) and not words; they are left out."""

_WORD = re.compile(r"[가-힣]+|[^\W가-힣]+")
_ASCII_WORD = re.compile(r"(?a)\w+")
"""The same where every character is one of ASCII's, in a third of the time."""
_PART = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[^\W\dA-Z_]+|[A-Z]+|[0-9]+")
_HANGUL = re.compile(r"[가-힣]")
_LATIN = re.compile(r"[A-Za-z]+")
_LONGEST_PAIR = 14
_SIGNS = r"\(\)|\[\]=?|[-+*/%^&|~!=<>@$#\\]{{{least},4}}"
_DEFINED_OPERATOR = re.compile(rf"(?:^|\.)(?:operator\s*)?({_SIGNS.format(least=1)})$")
_ASKED_OPERATOR = re.compile(
    rf"\boperator\s*({_SIGNS.format(least=1)})(?=[\s?,.]|$)|(?<!\S)(?!\(\))({_SIGNS.format(least=2)})(?=[\s?,.]|$)"
)

_WIDE = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}
"""Letters, digits, signs and the space as wide as a Hangul syllable, and their plain twins, by their places in Unicode."""

_STOPWORDS = """
a an and are as at be been being by can could did do does for from had has have how i if in into is it its me my no not
of on or our should so such than that the their them then there these they this those to was we were what when where
which who why will with would you your
"""
STOPWORDS = frozenset(_STOPWORDS.split())


def narrowed(words: str) -> str:
    """What was meant where a keyboard was left in its wide letters: ``ｒｅｄｉｒｅｃｔ`` is ``redirect``."""
    return words.translate(_WIDE)


def _words(text: str) -> list[str]:
    found: list[str] = (_ASCII_WORD if text.isascii() else _WORD).findall(text)
    return found


def iter_terms(text: str) -> Iterator[str]:
    """All terms of a text, repeated as often as they occur."""
    for word in _words(composed(text)):
        if len(word) <= MAXIMUM_WORD:
            yield from terms_of_word(word)


def count_terms(text: str) -> Counter[str]:
    """How often each term of a text occurs; words are told apart first, since most of a chunk's come again."""
    counts: Counter[str] = Counter()
    for word, count in Counter(_words(composed(text))).items():
        if len(word) <= MAXIMUM_WORD:
            for term in terms_of_word(word):
                counts[term] += count
    return counts


def operators_defined(names: Iterable[str]) -> list[str]:
    """The terms of those names that are operators."""
    found = (_DEFINED_OPERATOR.search(name) for name in names if not name[-1:].isalnum())
    return [f"operator{match[1]}" for match in found if match]


def operators_asked(text: str) -> list[str]:
    """The terms of operators that a question names; of single signs only those that it calls operators."""
    return [f"operator{named or alone}" for named, alone in _ASKED_OPERATOR.findall(text)]


def query_terms(text: str) -> list[str]:
    """The terms of a question without words that carry no meaning; all of them if nothing else is left."""
    return [*(term for word in telling_words(text) for term in terms_of_word(word)), *operators_asked(text)]


def telling_words(text: str) -> list[str]:
    """The words of a question that carry meaning; all of them if none does."""
    words = [word for word in _words(text) if len(word) <= MAXIMUM_WORD]
    return [word for word in words if word.lower() not in STOPWORDS] or words


def joined_pairs(text: str) -> list[str]:
    """Neighbouring words of a question as one: what it calls a web socket may be a ``websocket``."""
    words = [word.lower() for word in _LATIN.findall(text)]
    return [
        left + right
        for left, right in pairwise(words)
        if len(left) + len(right) <= _LONGEST_PAIR and left not in STOPWORDS and right not in STOPWORDS
    ]


@lru_cache(maxsize=200_000)
def parts_of_word(word: str) -> tuple[str, ...]:
    """The parts of one identifier or word without the whole."""
    if _HANGUL.match(word):
        return terms_of_word(word)
    return tuple(_stem(part.lower()) for part in _PART.findall(word))


def word_parts(text: str) -> frozenset[str]:
    """The parts of all words of a name or path."""
    return frozenset(part for word in _words(text) for part in parts_of_word(word))


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
    if part.isdigit():
        return part
    stem: str = _thread.stemmer.stemWord(FULL_WORDS.get(part, part))
    return stem

"""What a question asks for in the words of its sources, and which of them answers best."""

import re
from collections.abc import Sequence
from collections.abc import Set as AbstractSet

from codemuse.contracts.sources import Source
from codemuse.glossary import english_of
from llm_server.core.extractive.passages import PROSE, sentences, words

DATA = frozenset({"json", "yaml", "toml", "xml", "ini", "csv"})
_BEGINNING_PLACES = 1.5
_DATA_PLACES = 4.0
_PAST_PLACES = 4.0
_TEST_PLACES = 1.0
"""By so many places the beginnings of files, files of data, change logs and tests stand behind what the search found with them."""
_NAMED_PLACES = 8.0
_DEFINED_PLACES = 3.0
"""By so many places what the question calls by its whole name, or by the last part of it, stands before the others."""
_TESTS = re.compile(
    r"(?i)(?:^|/)(?:t|tests?|testing|specs?|__tests__)/|(?:^|/)test_\w+\.py$|_(?:test|spec)\.\w+$|\.(?:test|spec)\.\w+$"
    r"|(?-i:Tests?)\.(?:java|kt|cs|swift|php|scala)$"
)
_PAST = re.compile(r"(?i)change(?:s|log)|history|release[-_ ]?notes|whatsnew|\bnews\b")
_SPOKEN_OF = re.compile(r"[\w\-./:#]*\w")
_KOREAN = re.compile(r"[\uac00-\ud7a3]+")
_FEW = 5
_NEARLY_ALL = 0.8


def asked_words(question: str, sources: Sequence[Source]) -> set[str]:
    """Words of a question; of a Korean one also the English of its terms, as far as a source has them.

    A Korean term has several English ones, and code has no Hangul: what no source has would only make all fit badly.
    """
    asked = words(f"{question} {english_of(question)}")
    if not any(map(_KOREAN.fullmatch, asked)):
        return asked
    read = {word for one in sources for word in _read(one)}
    return asked & read or asked


def _telling(asked: AbstractSet[str], sources: Sequence[Source]) -> AbstractSet[str]:
    """Words that some sources have and others have not.

    In a task queue every passage speaks of tasks, so the word does not tell which of them answers. Neither does the name of
    the repository.
    """
    read = [_read(one) for one in sources]
    common = {
        word for word in asked if len(read) >= _FEW and sum(word in one for one in read) > _NEARLY_ALL * len(read)
    }
    names = {word for one in sources for word in words(one.repository)}
    return next((some for some in (asked - common - names, asked - common) if some), asked)


def _read(source: Source) -> set[str]:
    return words(f"{source.path} {source.symbol or ''} {source.text}")


def by_evidence(
    sources: Sequence[Source], asked: AbstractSet[str], question: str = "", names: Sequence[str] = ()
) -> list[Source]:
    """The order of the search, but what is named goes first, and what fits clearly better moves up by a place or two."""
    asked = _telling(asked, sources)
    spoken_of = set(_SPOKEN_OF.findall(question)) if question else set()

    def rank(position: int, source: Source) -> float:
        symbol, path = source.symbol or "", source.path
        fits = len(words(f"{symbol} {path}") & asked) / (len(asked) or 1)
        said = max((sentence.fit for sentence in sentences(source, asked)), default=0.0)
        behind = _DATA_PLACES if source.language in DATA else 0.0
        behind += _BEGINNING_PLACES if is_beginning(source) else 0.0
        behind += _PAST_PLACES if is_past(source) else 0.0
        behind += _TEST_PLACES if is_test(source) and "test" not in asked else 0.0
        if symbol in spoken_of or path in spoken_of or ("." in path and path.rsplit("/", 1)[-1] in spoken_of):
            behind -= _NAMED_PLACES
        elif source.language not in PROSE and re.split(r"\.|::|#", symbol)[-1] in names:
            behind -= _DEFINED_PLACES
        return position + behind - 2.0 * fits - 2.5 * said

    return [source for _, source in sorted(enumerate(sources), key=lambda pair: rank(*pair))]


def is_beginning(source: Source) -> bool:
    """Whether it is how a file of code begins: what it is for, and its imports."""
    return source.symbol is None and source.start_line == 1 and source.language not in PROSE


def is_test(source: Source) -> bool:
    """Whether it stands among the tests."""
    return _TESTS.search(source.path) is not None


def is_past(source: Source) -> bool:
    """Whether it tells what was changed long ago."""
    return _PAST.search(source.path) is not None

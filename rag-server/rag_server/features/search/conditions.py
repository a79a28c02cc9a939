"""The operators of a query as conditions that a chunk meets or does not meet."""

import re
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import re2  # type: ignore[import-untyped]

from codemuse.contracts.common import Language
from codemuse.contracts.search_query import SearchQuery
from rag_server.core.points import StoredChunk
from rag_server.features.search.errors import InvalidQuery
from rag_server.features.search.rules import defined_names

T = TypeVar("T")
Condition = Callable[[StoredChunk], bool]
PathCondition = Callable[[str], bool]

MOST_CONDITIONS = 32
LONGEST_PATTERN = 400
PATTERN_MEMORY_BYTES = 4 << 20
_LANGUAGES = {
    "py": "python", "js": "javascript", "jsx": "javascript", "ts": "typescript", "golang": "go", "rs": "rust", "c++": "cpp",
    "rb": "ruby", "c#": "csharp", "cs": "csharp", "kt": "kotlin", "ex": "elixir", "sh": "bash", "shell": "bash",
    "hs": "haskell", "md": "markdown", "yml": "yaml", "txt": "text",
}  # fmt: skip
_WILDCARD = re.compile(r"[*?]")
_GLOB_PARTS = re.compile(r"\*\*/|\*\*|\*|\?|[^*?]+")
_TRANSLATED = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
_SPACES = re.compile(r"\s+")


def operator_conditions(query: SearchQuery) -> list[Condition]:
    """What phrases, excluded words and patterns demand.

    Raises:
        InvalidQuery: There are too many, or a pattern is no regular expression.
    """
    if len(query.phrases) + len(query.excluded) + len(query.patterns) > MOST_CONDITIONS:
        message = f"A query may hold at most {MOST_CONDITIONS} phrases, excluded words and patterns."
        raise InvalidQuery(message, problem="operators", limit=MOST_CONDITIONS)
    return [
        *(says(phrase) for phrase in query.phrases),
        *(negated(mentions(word)) for word in query.excluded),
        *(matches(pattern) for pattern in query.patterns),
    ]


def says(phrase: str) -> Condition:
    """The phrase stands in the chunk, in any case, whatever space divides its words."""
    wanted = _flat(phrase)
    return lambda chunk: wanted in _flat(chunk.text)


def mentions(word: str) -> Condition:
    """The word or phrase stands in the chunk as a whole, in any case."""
    pattern = re.compile(rf"(?<!\w){re.escape(word)}(?!\w)", re.IGNORECASE)
    return lambda chunk: pattern.search(chunk.text) is not None


def matches(pattern: str) -> Condition:
    """A line or more of the chunk match; in linear time, whatever is asked. Without capitals the case does not matter.

    Raises:
        InvalidQuery: It is no regular expression.
    """
    compiled = _compiled(pattern, f"(?m){pattern}" if pattern != pattern.lower() else f"(?mi){pattern}")
    return lambda chunk: compiled.search(chunk.text) is not None


def defines(symbol: str) -> Condition:
    """The chunk defines the name or is part of it; a qualified name must fit from its end."""
    wanted = re.sub(r"::|#|->|/", ".", symbol).lower().strip(".")
    last = wanted.rpartition(".")[2]

    def met(chunk: StoredChunk) -> bool:
        if last not in defined_names(chunk):
            return False
        if "." not in wanted:
            return True
        qualified = (chunk.symbol or "").lower()
        return f".{qualified}".endswith(f".{wanted}") or f".{qualified}.{last}".endswith(f".{wanted}")

    return met


def lies_in(path: str) -> PathCondition:
    """The path contains this; a leading ``/`` holds it to the root, and a glob without folders may fit anywhere."""
    if not is_glob(path):
        wanted = path.lower()
        if wanted.startswith("/"):
            return lambda candidate: candidate.lower().startswith(wanted[1:])
        return lambda candidate: wanted in f"/{candidate.lower()}"
    return fits_glob(path.removeprefix("/") if path.startswith("/") else path if "/" in path else f"**/{path}")


def is_glob(path: str) -> bool:
    """Whether it has wildcards."""
    return _WILDCARD.search(path) is not None


def fits_glob(glob: str) -> PathCondition:
    """The whole path fits the glob: ``*`` and ``?`` stay within a folder, ``**`` crosses folders."""
    expression = "".join(_TRANSLATED.get(part) or re2.escape(part) for part in _GLOB_PARTS.findall(glob))
    pattern = _compiled(glob, f"(?i){expression}")
    return lambda candidate: pattern.fullmatch(candidate) is not None


def language_named(name: str) -> str:
    """The language as chunks name it.

    Raises:
        InvalidQuery: There is none of this name.
    """
    language = _LANGUAGES.get(name.lower(), name.lower())
    if language not in set(Language):
        message = f"There is no language '{name}'; languages are called python, typescript, go, cpp and so on."
        raise InvalidQuery(message, problem="language", value=name, languages=[item.value for item in Language])
    return language


def any_of(conditions: Sequence[Callable[[T], bool]]) -> Callable[[T], bool]:
    """One of them holds."""
    return conditions[0] if len(conditions) == 1 else lambda value: any(met(value) for met in conditions)


def all_of(conditions: Sequence[Callable[[T], bool]]) -> Callable[[T], bool] | None:
    """All of them hold; nothing to check where there are none."""
    if len(conditions) == 1:
        return conditions[0]
    return (lambda value: all(met(value) for met in conditions)) if conditions else None


def negated(condition: Callable[[T], bool]) -> Callable[[T], bool]:
    """It does not hold."""
    return lambda value: not condition(value)


def _compiled(given: str, expression: str) -> Any:
    """Compiled by an engine whose time is linear in the text: nobody can ask for a search that never ends."""
    if len(given) > LONGEST_PATTERN:
        message = f"A pattern may have at most {LONGEST_PATTERN} characters."
        raise InvalidQuery(message, problem="length", limit=LONGEST_PATTERN)
    options = re2.Options()
    options.max_mem = PATTERN_MEMORY_BYTES
    options.log_errors = False
    try:
        return re2.compile(expression, options)
    except re2.error as error:
        reason = str(error.args[0], "utf-8", "replace").partition(":")[0]
        message = f"'{given}' is not a pattern that can be used: {reason}."
        raise InvalidQuery(message, problem="pattern", value=given, reason=reason) from None


def _flat(text: str) -> str:
    return _SPACES.sub(" ", text).lower()

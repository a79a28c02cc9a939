"""What a path says about a file: test, example, generated, legacy, or a mere doorway to other files."""

import re
from dataclasses import dataclass
from functools import lru_cache

from rag_server.core.tokens import word_parts

_TEST = re.compile(
    r"(^|/)(tests?|testing|specs?|__tests__|e2e|fixtures?|mocks?|testdata)/"
    r"|(^|/)(test_[^/]*|conftest|[^/]*([._-]tests?|[._-]spec)|[^/]*(Tests?|TestCase|Spec))\.\w+$"
)
_EXAMPLE = re.compile(r"(^|/)(examples?|samples?|demos?|benchmarks?|bench|playground|tutorials?)/", re.IGNORECASE)
_GENERATED = re.compile(
    r"(^|/)(vendor|third_party|dist|generated|node_modules)/|\.min\.|_pb2|\.pb\.|\.generated\.|\.d\.ts$"
)
_LEGACY = re.compile(r"(^|[/_.-])(legacy|deprecated|compat|obsolete|old|v0)([/_.-]|$)", re.IGNORECASE)
_DOORWAY = re.compile(r"(^|/)(__init__\.py|index\.[jt]sx?|mod\.rs|package-info\.java|doc\.go)$")
_EXTENSION = re.compile(r"(?<=.)\.[^.]*$")
_PUNCTUATION = re.compile(r"[\W_]+")

REMEMBERED_FOLDERS = 10_000
REMEMBERED_PATHS = 50_000
"""A question asks these things of some hundred files, and the next question asks them again."""


@dataclass(frozen=True, slots=True)
class Place:
    """What is known of a file by its path alone."""

    is_test: bool
    is_example: bool
    is_generated: bool
    """Nobody edits the file by hand."""
    is_legacy: bool
    """Kept only for old callers."""
    is_doorway: bool
    """The file mostly hands on what other files define."""
    name: str
    """The file's own name in lower case, without punctuation; a doorway is named by its folder."""
    name_parts: frozenset[str]
    folder_parts: frozenset[str]


@lru_cache(maxsize=REMEMBERED_PATHS)
def place_of(path: str) -> Place:
    """Read a path."""
    folder, _, file_name = path.rpartition("/")
    above = _folder_of(folder)
    is_doorway = bool(_DOORWAY.search(file_name))
    name = folder.rpartition("/")[2] if is_doorway else _EXTENSION.sub("", file_name)
    return Place(
        is_test=above.is_test or bool(_TEST.search(file_name)),
        is_example=above.is_example,
        is_generated=above.is_generated or bool(_GENERATED.search(file_name)),
        is_legacy=above.is_legacy or bool(_LEGACY.search(file_name)),
        is_doorway=is_doorway,
        name=_PUNCTUATION.sub("", name).lower(),
        name_parts=word_parts(name),
        folder_parts=above.parts,
    )


@dataclass(frozen=True, slots=True)
class _Folder:
    """What all files of a folder have in common."""

    is_test: bool
    is_example: bool
    is_generated: bool
    is_legacy: bool
    parts: frozenset[str]


@lru_cache(maxsize=REMEMBERED_FOLDERS)
def _folder_of(folder: str) -> _Folder:
    path = f"{folder}/"
    return _Folder(
        is_test=bool(_TEST.search(path)),
        is_example=bool(_EXAMPLE.search(path)),
        is_generated=bool(_GENERATED.search(path)),
        is_legacy=bool(_LEGACY.search(path)),
        parts=word_parts(path),
    )

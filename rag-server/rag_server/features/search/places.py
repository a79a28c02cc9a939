"""What a path says about a file: test, example, generated, legacy, or a mere doorway to other files."""

import re
from functools import lru_cache
from pathlib import PurePosixPath

from rag_server.core.tokens import iter_terms

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

REMEMBERED_PATHS = 50_000
"""A question asks these things of some hundred files, and the next question asks them again."""


@lru_cache(maxsize=REMEMBERED_PATHS)
def is_test(path: str) -> bool:
    """Whether the file holds tests or what they need."""
    return bool(_TEST.search(path))


@lru_cache(maxsize=REMEMBERED_PATHS)
def is_example(path: str) -> bool:
    """Whether the file shows usage and is not the product."""
    return bool(_EXAMPLE.search(path))


@lru_cache(maxsize=REMEMBERED_PATHS)
def is_generated(path: str) -> bool:
    """Whether nobody edits the file by hand."""
    return bool(_GENERATED.search(path))


@lru_cache(maxsize=REMEMBERED_PATHS)
def is_legacy(path: str) -> bool:
    """Whether the file is kept only for old callers."""
    return bool(_LEGACY.search(path))


@lru_cache(maxsize=REMEMBERED_PATHS)
def is_doorway(path: str) -> bool:
    """Whether the file mostly hands on what other files define."""
    return bool(_DOORWAY.search(path))


@lru_cache(maxsize=REMEMBERED_PATHS)
def stem_terms(path: str) -> frozenset[str]:
    """Terms of the file's own name; a doorway is named by its folder."""
    pure = PurePosixPath(path)
    return frozenset(iter_terms(pure.parent.name if is_doorway(path) else pure.stem))


@lru_cache(maxsize=REMEMBERED_PATHS)
def folder_terms(path: str) -> frozenset[str]:
    """Terms of the folders above the file."""
    return frozenset(iter_terms(" ".join(PurePosixPath(path).parent.parts)))

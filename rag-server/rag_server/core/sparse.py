"""Term weights of chunks and questions: BM25 whose IDF the store adds (Robertson & Zaragoza, 2009).

A chunk's terms come from its text and, weighted up, from what it defines and where it lies (BM25F: fields are added up
before saturation).
"""

import zlib
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from pathlib import PurePosixPath

from codemuse.contracts.chunks import Chunk
from rag_server.core.tokens import count_terms, iter_terms, operators_defined, query_terms

TERMS_VERSION = 3
"""Grows whenever the same chunk would get other terms or weights: an index with older ones is encoded anew at start."""

SATURATION = 1.2
LENGTH_SHARE = 0.6
AVERAGE_TERMS = 160
"""Typical number of terms in a chunk; a constant, so that old and new chunks stay comparable."""

DEFINITION_WEIGHT = 3.0
PATH_WEIGHT = 1.5
FILE_NAME_WEIGHT = 2.5


@dataclass(frozen=True, slots=True)
class SparseVector:
    """Term ids, ascending, and their weights."""

    indices: list[int]
    values: list[float]


def encode_chunk(chunk: Chunk) -> SparseVector:
    """The weighted terms of a chunk."""
    frequencies = count_terms(chunk.text)
    length = frequencies.total()
    names = (chunk.symbol or "", *chunk.defines)
    _add(frequencies, frozenset((*iter_terms(" ".join(names)), *operators_defined(names))), DEFINITION_WEIGHT)
    folder_terms, name_terms = _path_terms(chunk.path)
    _add(frequencies, folder_terms, PATH_WEIGHT)
    _add(frequencies, name_terms, FILE_NAME_WEIGHT)
    norm = SATURATION * (1 - LENGTH_SHARE + LENGTH_SHARE * length / AVERAGE_TERMS)
    weights = {_term_id(term): count * (SATURATION + 1) / (count + norm) for term, count in frequencies.items()}
    return _sorted(weights)


def encode_query(query: str) -> SparseVector:
    """The terms of a question; one that is repeated counts more, but not twice."""
    counts = Counter(query_terms(query))
    return _sorted({_term_id(term): 1.0 + 0.5 * (count - 1) for term, count in counts.items()})


@lru_cache(maxsize=4_096)
def _path_terms(path: str) -> tuple[frozenset[str], frozenset[str]]:
    pure = PurePosixPath(path)
    return frozenset(iter_terms(" ".join(pure.parent.parts))), frozenset(iter_terms(pure.stem))


def _add(frequencies: Counter[str], terms: frozenset[str], weight: float) -> None:
    for term in terms:
        frequencies[term] += weight  # type: ignore[assignment]


def _sorted(weights: dict[int, float]) -> SparseVector:
    indices = sorted(weights)
    return SparseVector(indices, [weights[index] for index in indices])


@lru_cache(maxsize=200_000)
def _term_id(term: str) -> int:
    return zlib.crc32(term.encode())

"""In how many chunks a term occurs, by owner: what keyword search needs to tell rare words from common ones.

The embedded engine can weigh terms itself, but reads every point of the corpus for each question to do so. Counting
along with what is written costs next to nothing and answers in microseconds.
"""

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from rag_server.core.sparse import SparseVector

MERGED_AT = 200_000
"""Occurrences that are kept aside before they are counted into the table."""


class TermStatistics:
    """Document frequencies of the terms of every owner."""

    def __init__(self) -> None:
        self._owners: dict[str, _TermCounts] = {}

    def add(self, owner: str, term_ids: Iterable[Sequence[int]]) -> None:
        """Count chunks in, given by the distinct terms of each."""
        self._owners.setdefault(owner, _TermCounts()).add(term_ids, 1)

    def remove(self, owner: str, term_ids: Iterable[Sequence[int]]) -> None:
        """Count chunks out."""
        self._owners.setdefault(owner, _TermCounts()).add(term_ids, -1)

    def weighted(self, query: SparseVector, owners: Iterable[str]) -> SparseVector:
        """The terms of a question times their rarity among the chunks of the owners.

        The rarity is ``ln(1 + (N - n + 0.5) / (n + 0.5))`` for a term in n of N chunks, as in Lucene's BM25 and Qdrant's
        IDF modifier (Robertson & Zaragoza, 2009, with the sum kept positive).
        """
        tables = [table for owner in owners if (table := self._owners.get(owner))]
        terms = np.asarray(query.indices, dtype=np.int64)
        counts = np.zeros(len(terms), dtype=np.int64)
        for table in tables:
            counts += table.of(terms)
        chunks = sum(table.chunks for table in tables)
        rarity = np.log1p((chunks - counts + 0.5) / (counts + 0.5))
        weights: list[float] = (np.asarray(query.values) * rarity).tolist()
        return SparseVector(query.indices, weights)


class _TermCounts:
    """A sorted table of terms and the number of chunks that hold them, of one owner."""

    def __init__(self) -> None:
        self.chunks = 0
        self._terms: NDArray[np.int64] = np.empty(0, dtype=np.int64)
        self._counts: NDArray[np.int64] = np.empty(0, dtype=np.int64)
        self._aside: list[tuple[NDArray[np.int64], int]] = []
        self._aside_length = 0

    def add(self, term_ids: Iterable[Sequence[int]], sign: int) -> None:
        for terms in term_ids:
            self.chunks += sign
            self._aside.append((np.asarray(terms, dtype=np.int64), sign))
            self._aside_length += len(terms)
        if self._aside_length > MERGED_AT:
            self._merge()

    def of(self, terms: NDArray[np.int64]) -> NDArray[np.int64]:
        if self._aside:
            self._merge()
        if not len(self._terms):
            return np.zeros(len(terms), dtype=np.int64)
        places = np.minimum(np.searchsorted(self._terms, terms), len(self._terms) - 1)
        return np.where(self._terms[places] == terms, self._counts[places], 0)

    def _merge(self) -> None:
        aside, self._aside, self._aside_length = self._aside, [], 0
        terms = np.concatenate([self._terms, *(terms for terms, _ in aside)])
        counts = np.concatenate([self._counts, *(np.full(len(terms), sign) for terms, sign in aside)])
        distinct, places = np.unique(terms, return_inverse=True)
        sums = np.bincount(places, weights=counts, minlength=len(distinct)).astype(np.int64)
        self._terms, self._counts = distinct[sums > 0], sums[sums > 0]

"""In how many chunks a term occurs, by owner: what keyword search needs to tell rare words from common ones.

The embedded engine can weigh terms itself, but reads every point of the corpus for each question to do so. Counting
along with what is written costs next to nothing and answers in microseconds.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from rag_server.core.sparse import SparseVector

MERGED_AT = 200_000
"""Occurrences that are kept aside before they are counted into the table."""


class TermTables(NamedTuple):
    """The statistics as arrays: the tables of all owners, one after the other."""

    owners: NDArray[np.str_]
    chunks: NDArray[np.int64]
    """How many each owner has."""
    lengths: NDArray[np.int64]
    """Of each owner's table."""
    terms: NDArray[np.uint32]
    counts: NDArray[np.uint32]


class TermStatistics:
    """Document frequencies of the terms of every owner."""

    def __init__(self) -> None:
        self._owners: dict[str, _TermCounts] = {}

    @classmethod
    def of(cls, tables: TermTables) -> Self:
        """The statistics that were taken as tables."""
        made = cls()
        ends = np.cumsum(tables.lengths)
        terms, counts = np.split(tables.terms, ends[:-1]), np.split(tables.counts, ends[:-1])
        for owner, chunks, *table in zip(tables.owners.tolist(), tables.chunks.tolist(), terms, counts, strict=False):
            made._owners[owner] = _TermCounts(chunks, *table)
        return made

    @property
    def tables(self) -> TermTables:
        """What is counted now."""
        owners = {owner: table for owner, table in sorted(self._owners.items()) if table.chunks}
        rows = [table.rows for table in owners.values()]
        return TermTables(
            owners=np.asarray(list(owners), dtype=np.str_),
            chunks=np.asarray([table.chunks for table in owners.values()], dtype=np.int64),
            lengths=np.asarray([len(terms) for terms, _ in rows], dtype=np.int64),
            terms=np.concatenate([np.empty(0, dtype=np.uint32), *(terms for terms, _ in rows)]),
            counts=np.concatenate([np.empty(0, dtype=np.uint32), *(counts for _, counts in rows)]),
        )

    def forget(self, owner: str) -> None:
        """Nothing was counted of this owner."""
        self._owners.pop(owner, None)

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
        terms = np.asarray(query.indices, dtype=np.uint32)
        counts = np.zeros(len(terms), dtype=np.int64)
        for table in tables:
            counts += table.of(terms)
        chunks = sum(table.chunks for table in tables)
        rarity = np.log1p((chunks - counts + 0.5) / (counts + 0.5))
        weights: list[float] = (np.asarray(query.values) * rarity).tolist()
        return SparseVector(query.indices, weights)


class _TermCounts:
    """A sorted table of terms and the number of chunks that hold them, of one owner."""

    def __init__(
        self,
        chunks: int = 0,
        terms: NDArray[np.uint32] = np.empty(0, dtype=np.uint32),
        counts: NDArray[np.uint32] = np.empty(0, dtype=np.uint32),
    ) -> None:
        self.chunks = chunks
        self._terms = terms
        self._counts = counts
        self._aside: list[tuple[NDArray[np.uint32], int]] = []
        self._aside_length = 0

    @property
    def rows(self) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
        """The terms, ascending, and in how many chunks each is."""
        if self._aside:
            self._merge()
        return self._terms, self._counts

    def add(self, term_ids: Iterable[Sequence[int]], sign: int) -> None:
        for terms in term_ids:
            self.chunks += sign
            self._aside.append((np.asarray(terms, dtype=np.uint32), sign))
            self._aside_length += len(terms)
        if self._aside_length > MERGED_AT:
            self._merge()

    def of(self, asked: NDArray[np.uint32]) -> NDArray[np.uint32]:
        terms, counts = self.rows
        if not len(terms):
            return np.zeros(len(asked), dtype=np.uint32)
        places = np.minimum(np.searchsorted(terms, asked), len(terms) - 1)
        return np.where(terms[places] == asked, counts[places], 0)

    def _merge(self) -> None:
        aside, self._aside, self._aside_length = self._aside, [], 0
        terms = np.concatenate([self._terms, *(terms for terms, _ in aside)])
        counts = np.concatenate([self._counts.astype(np.int64), *(np.full(len(terms), sign) for terms, sign in aside)])
        distinct, places = np.unique(terms, return_inverse=True)
        sums = np.bincount(places, weights=counts, minlength=len(distinct))
        self._terms, self._counts = distinct[sums > 0], sums[sums > 0].astype(np.uint32)

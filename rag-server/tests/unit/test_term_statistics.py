"""Rarity of terms is counted along with what is written."""

import math

import pytest

from rag_server.core.sparse import SparseVector
from rag_server.core.term_statistics import MERGED_AT, TermStatistics

COMMON, RARE, UNKNOWN = 7, 11, 13
QUERY = SparseVector([COMMON, RARE, UNKNOWN], [1.0, 1.0, 2.0])


def lucene(holding: int, chunks: int) -> float:
    return math.log(1 + (chunks - holding + 0.5) / (holding + 0.5))


@pytest.fixture
def statistics() -> TermStatistics:
    made = TermStatistics()
    made.add("org/a", [[COMMON], [COMMON], [COMMON, RARE]])
    made.add("org/b", [[RARE], [RARE]])
    return made


def test_weights_follow_the_formula(statistics):
    weighted = statistics.weighted(QUERY, ["org/a"])
    assert weighted.indices == QUERY.indices
    assert weighted.values == pytest.approx([lucene(3, 3), lucene(1, 3), 2 * lucene(0, 3)])


def test_owners_that_are_asked_together_count_together(statistics):
    assert statistics.weighted(QUERY, ["org/a", "org/b"]).values[1] == pytest.approx(lucene(3, 5))


def test_what_others_wrote_does_not_count(statistics):
    before = statistics.weighted(QUERY, ["org/a"])
    statistics.add("foreign/a", [[RARE]] * 50)
    assert statistics.weighted(QUERY, ["org/a"]) == before


def test_removing_undoes_adding(statistics):
    before = statistics.weighted(QUERY, ["org/a"])
    statistics.add("org/a", [[RARE, 99]])
    statistics.weighted(QUERY, ["org/a"])
    statistics.remove("org/a", [[RARE, 99]])
    assert statistics.weighted(QUERY, ["org/a"]) == before


def test_many_chunks_between_two_questions_are_counted_exactly():
    statistics = TermStatistics()
    wide = list(range(1_000))
    for _ in range(MERGED_AT // len(wide) + 5):
        statistics.add("org/a", [wide])
    chunks = MERGED_AT // len(wide) + 5
    assert statistics.weighted(SparseVector([500], [1.0]), ["org/a"]).values == pytest.approx([lucene(chunks, chunks)])


def test_an_unknown_owner_has_no_chunks(statistics):
    assert statistics.weighted(QUERY, ["nobody"]).values == pytest.approx([lucene(0, 0)] * 2 + [2 * lucene(0, 0)])

"""Rarity of terms is counted along with what is written."""

import math

import pytest

from rag_server.core.sparse import SparseVector
from rag_server.core.term_file import TermFile
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


def test_statistics_that_were_kept_weigh_as_before(statistics, tmp_path):
    file = TermFile(tmp_path)
    file.save(statistics.tables)
    kept, changed = TermFile(tmp_path).load()
    assert changed == set()
    for owners in (["org/a"], ["org/b"], ["org/a", "org/b"]):
        assert kept.weighted(QUERY, owners) == statistics.weighted(QUERY, owners)
    kept.add("org/a", [[UNKNOWN]])
    kept.remove("org/b", [[RARE], [RARE]])
    assert kept.weighted(QUERY, ["org/a"]).values[2] == pytest.approx(2 * lucene(1, 4))
    assert kept.tables.owners.tolist() == ["org/a"]


def test_owners_whose_points_changed_since_are_told(statistics, tmp_path):
    file = TermFile(tmp_path)
    file.save(statistics.tables)
    file.note(["org/b"])
    file.note(["org/b"])
    assert TermFile(tmp_path).load()[1] == {"org/b"}
    file.save(statistics.tables)
    assert TermFile(tmp_path).load()[1] == set()


@pytest.mark.parametrize("damaged", [b"", b"PK\x03\x04 half", b"nothing like it"])
def test_damaged_statistics_are_none(statistics, tmp_path, damaged):
    file = TermFile(tmp_path)
    assert file.load() is None
    file.save(statistics.tables)
    (tmp_path / "terms.npz").write_bytes(damaged)
    assert file.load() is None

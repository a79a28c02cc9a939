from dataclasses import replace

import pytest

from rag_server.core.points import RepositoryKey, StoredChunk
from rag_server.core.store import Scored, VectorName
from rag_server.features.search.query import understand
from rag_server.features.search.ranking import DEFAULT, covered, place_factor, rank, scaled

KEY = RepositoryKey("org", "repo")


@pytest.fixture
def make_stored(make_chunk):
    def make(**overrides):
        return StoredChunk.of(make_chunk(**overrides), KEY, generation=1, commit="c")

    return make


def paths(candidates):
    return [candidate.chunk.path for candidate in candidates]


def test_agreement_of_retrievers_wins(make_stored):
    both = make_stored(path="both.py", symbol=None, defines=[])
    one = make_stored(path="one.py", symbol=None, defines=[])
    floor = make_stored(path="floor.py", symbol=None, defines=[])
    found = {
        VectorName.CODE: [Scored(one, 10), Scored(both, 9)],
        VectorName.DENSE: [Scored(both, 0.8), Scored(floor, 0.1)],
    }
    ranked = rank(understand("anything else"), found)
    assert paths(ranked)[0] == "both.py"
    assert ranked[0].matched == ["keyword", "dense"]


def test_a_definition_beats_its_uses(make_stored):
    use = make_stored(path="use.py", symbol="main", defines=["main"])
    definition = make_stored(path="def.py", symbol="Router.add_route", defines=["add_route"])
    ranked = rank(understand("add_route"), {VectorName.CODE: [Scored(use, 10), Scored(definition, 8)]})
    assert paths(ranked) == ["def.py", "use.py"]
    assert "symbol" in ranked[0].matched


def test_a_file_named_after_the_question_is_preferred(make_stored):
    named = make_stored(path="src/sessions.py", symbol=None, defines=[])
    other = make_stored(path="src/views.py", symbol=None, defines=[])
    ranked = rank(understand("session handling"), {VectorName.CODE: [Scored(other, 10), Scored(named, 9.5)]})
    assert paths(ranked)[0] == "src/sessions.py"
    assert "path" in ranked[0].matched


def test_several_good_chunks_of_a_file_support_each_other(make_stored):
    lonely = make_stored(path="lonely.py", symbol=None, defines=[])
    friends = [make_stored(path="friends.py", symbol=None, defines=[], start_line=n) for n in (1, 10, 20)]
    found = [Scored(lonely, 10), *(Scored(friend, 9.8) for friend in friends)]
    assert paths(rank(understand("anything"), {VectorName.CODE: found}))[0] == "friends.py"


@pytest.mark.parametrize(
    "path",
    ["tests/test_a.py", "a_test.go", "src/FooTest.java", "spec/a_spec.rb", "examples/a.py", "vendor/a.go", "x.min.js",
     "src/legacy/a.py", "pkg/__init__.py", "src/index.ts"],
)  # fmt: skip
def test_side_places_count_less(path):
    assert place_factor(understand("request parsing"), path, DEFAULT) < 1


@pytest.mark.parametrize("path", ["src/testing_tools.py", "src/contest.py", "latest/a.py", "src/indexer.ts"])
def test_names_that_only_look_alike_count_fully(path):
    assert place_factor(understand("request parsing"), path, DEFAULT) == 1


def test_tests_that_were_asked_for_count_fully():
    assert place_factor(understand("tests of the parser"), "tests/test_a.py", DEFAULT) == 1


def test_one_file_takes_at_most_three_of_the_first_ten(make_stored):
    many = [make_stored(path="many.py", symbol=None, defines=[], start_line=n) for n in range(1, 30)]
    others = [make_stored(path=f"other{n}.py", symbol=None, defines=[]) for n in range(9)]
    found = [Scored(chunk, 10) for chunk in many] + [Scored(chunk, 1) for chunk in others]
    ranked = rank(understand("anything"), {VectorName.CODE: found}, replace(DEFAULT, repeat_factor=1.0))
    assert paths(ranked)[:10].count("many.py") == 3
    assert len(ranked) == 38


def test_nothing_found_is_nothing_ranked():
    assert rank(understand("anything"), {VectorName.CODE: []}) == []


def test_scores_of_zero_rank_by_place(make_stored):
    found = {VectorName.FAST: [Scored(make_stored(path=f"{n}.py", symbol=None, defines=[]), 0.0) for n in "ba"]}
    off = replace(DEFAULT, fast=0.0, file_name=0.0, folder=0.0)
    assert paths(rank(understand("x y"), found, off)) == ["a.py", "b.py"]


def test_cosines_lose_what_all_have():
    assert scaled([0.9, 0.8, 0.7], VectorName.DENSE) == pytest.approx([1.0, 0.5, 0.0])
    assert scaled([4.0, 2.0], VectorName.CODE) == [1.0, 0.5]


def test_overlap_counts_in_both_directions():
    assert covered(frozenset("ab"), frozenset("ab")) == pytest.approx(1)
    assert covered(frozenset("ab"), frozenset("bcde")) < 0.5
    assert covered(frozenset(), frozenset("a")) == 0

from dataclasses import replace

import pytest

from codemuse.contracts.rag import Signal
from rag_server.core.points import RepositoryKey, StoredChunk
from rag_server.core.store import Scored, VectorName
from rag_server.features.search.candidates import judge, leading, scaled
from rag_server.features.search.explaining import read_hit
from rag_server.features.search.places import place_of
from rag_server.features.search.query import understand
from rag_server.features.search.ranking import rank
from rag_server.features.search.rules import place_factors
from rag_server.features.search.weights import DEFAULT

KEY = RepositoryKey("org", "repo")


@pytest.fixture
def make_stored(make_chunk):
    def make(**overrides):
        return StoredChunk.of(make_chunk(**overrides), KEY, generation=1, commit="c")

    return make


def ranked(question, found, *args, **kwargs):
    """Rank chunks that retrievers found, given as pairs of chunk and score."""
    chunks = {chunk.id: chunk for pairs in found.values() for chunk, _ in pairs}
    scored = {name: [Scored(chunk.id, score) for chunk, score in pairs] for name, pairs in found.items()}
    return rank(understand(question), chunks.values(), judge(scored), *args, **kwargs)


def paths(candidates):
    return [candidate.chunk.path for candidate in candidates]


def test_agreement_of_retrievers_wins(make_stored):
    both = make_stored(path="both.py", symbol=None, defines=[])
    one = make_stored(path="one.py", symbol=None, defines=[])
    floor = make_stored(path="floor.py", symbol=None, defines=[])
    found = {
        VectorName.CODE: [(one, 10), (both, 9)],
        VectorName.DENSE: [(both, 0.8), (floor, 0.1)],
    }
    result = ranked("anything else", found)
    assert paths(result)[0] == "both.py"
    assert read_hit(result[0], "c").matched == ["keyword", "dense"]


def test_a_definition_beats_its_uses(make_stored):
    use = make_stored(path="use.py", symbol="main", defines=["main"])
    definition = make_stored(path="def.py", symbol="Router.add_route", defines=["add_route"])
    result = ranked("add_route", {VectorName.CODE: [(use, 10), (definition, 8)]})
    assert paths(result) == ["def.py", "use.py"]
    assert "symbol" in read_hit(result[0], "c").matched


def test_an_error_message_is_found_where_it_is_raised(make_stored):
    raised = make_stored(
        path="io.py", symbol=None, defines=[], text='raise Error(\n    "Cannot open the file for writing")'
    )
    talk = make_stored(path="files.py", symbol=None, defines=[], text="open file, write file, cannot write")
    found = {VectorName.CODE: [(talk, 10), (raised, 6)]}
    assert paths(ranked("cannot open the file for writing.", found)) == ["io.py", "files.py"]
    assert paths(ranked("open the file", found))[0] == "files.py"


def test_a_file_named_after_the_question_is_preferred(make_stored):
    named = make_stored(path="src/sessions.py", symbol=None, defines=[])
    other = make_stored(path="src/views.py", symbol=None, defines=[])
    result = ranked("session handling", {VectorName.CODE: [(other, 10), (named, 9.5)]})
    assert paths(result)[0] == "src/sessions.py"
    assert "path" in read_hit(result[0], "c").matched


def test_several_good_chunks_of_a_file_support_each_other(make_stored):
    lonely = make_stored(path="lonely.py", symbol=None, defines=[])
    friends = [make_stored(path="friends.py", symbol=None, defines=[], start_line=n) for n in (1, 10, 20)]
    found = [(lonely, 10), *((friend, 9.8) for friend in friends)]
    assert paths(ranked("anything", {VectorName.CODE: found}))[0] == "friends.py"


@pytest.mark.parametrize(
    "path",
    ["tests/test_a.py", "a_test.go", "src/FooTest.java", "spec/a_spec.rb", "examples/a.py", "vendor/a.go", "x.min.js",
     "src/legacy/a.py", "pkg/__init__.py", "src/index.ts"],
)  # fmt: skip
def test_side_places_count_less(path):
    (factor,) = place_factors(understand("request parsing"), place_of(path), DEFAULT)
    assert factor[1] < 1


@pytest.mark.parametrize("path", ["src/testing_tools.py", "src/contest.py", "latest/a.py", "src/indexer.ts"])
def test_names_that_only_look_alike_count_fully(path):
    assert place_factors(understand("request parsing"), place_of(path), DEFAULT) == []


def test_tests_that_were_asked_for_count_fully():
    assert place_factors(understand("tests of the parser"), place_of("tests/test_a.py"), DEFAULT) == []


def test_one_file_does_not_crowd_out_others(make_stored):
    many = [make_stored(path="many.py", symbol=None, defines=[], start_line=n) for n in range(1, 30)]
    others = [make_stored(path=f"other{n}.py", symbol=None, defines=[]) for n in range(9)]
    found = [(chunk, 10) for chunk in many] + [(chunk, 7) for chunk in others]
    result = ranked("anything", {VectorName.CODE: found})
    assert paths(result)[:10].count("many.py") <= 3
    assert len(result) == 38


def test_code_comes_before_the_document_that_tells_of_it(make_stored):
    code = make_stored(path="args.go", language="go", symbol=None, defines=[])
    guide = make_stored(path="site/guide.md", language="markdown", kind="text", symbol=None, defines=[])
    found = {VectorName.CODE: [(guide, 10), (code, 7)]}
    assert paths(ranked("validate positional parameters", found)) == ["args.go", "site/guide.md"]
    assert paths(ranked("guide to positional parameters", found)) == ["site/guide.md", "args.go"]
    assert paths(ranked("인자 검증", found)) == ["site/guide.md", "args.go"]


def test_a_word_in_every_file_name_tells_little(make_stored):
    names = ["JsonReader", "JsonWriter", "JsonToken", "JsonArray"]
    chunks = [make_stored(path=f"src/{name}.cs", symbol=None, defines=[]) for name in names]
    result = ranked("tokens of json", {VectorName.CODE: [(chunk, 10) for chunk in chunks]})
    share = {candidate.chunk.path: candidate.file.name for candidate in result}
    assert share["src/JsonToken.cs"] == pytest.approx(DEFAULT.file_name)
    assert share["src/JsonArray.cs"] < 0.4 * DEFAULT.file_name


def test_neighbouring_words_may_be_one_word_in_the_code(make_stored):
    urlmap = make_stored(path="lib/urlmap.rb", symbol=None, defines=[])
    other = make_stored(path="lib/files.rb", symbol=None, defines=[])
    result = ranked("url map of mounted apps", {VectorName.CODE: [(other, 10), (urlmap, 9)]})
    assert paths(result)[0] == "lib/urlmap.rb"


@pytest.mark.parametrize("signal", list(Signal))
def test_every_signal_can_be_switched_off(signal):
    assert DEFAULT.without([signal]) != DEFAULT


def test_only_what_the_retrievers_together_think_best_is_worth_reading():
    found = {
        VectorName.CODE: [Scored("words", 9), Scored("both", 8), Scored("last", 1)],
        VectorName.DENSE: [Scored("both", 0.9), Scored("meaning", 0.8), Scored("last", 0.1)],
    }
    verdicts = judge(found)
    assert leading(verdicts, DEFAULT, 2) == ["both", "words"]
    assert set(leading(verdicts, DEFAULT, 4)) == {"words", "both", "meaning", "last"}
    assert leading(verdicts, replace(DEFAULT, keyword=0.0), 2) == ["both", "meaning"]


def test_nothing_found_is_nothing_ranked():
    assert ranked("anything", {VectorName.CODE: []}) == []


def test_scores_of_zero_rank_by_place(make_stored):
    found = {VectorName.FAST: [(make_stored(path=f"{n}.py", symbol=None, defines=[]), 0.0) for n in "ba"]}
    off = replace(DEFAULT, fast=0.0, file_name=0.0, folder=0.0)
    assert paths(ranked("x y", found, off)) == ["a.py", "b.py"]


def test_cosines_lose_what_all_have():
    assert scaled([0.9, 0.8, 0.7], VectorName.DENSE) == pytest.approx([1.0, 0.5, 0.0])
    assert scaled([4.0, 2.0], VectorName.CODE) == [1.0, 0.5]


def test_what_the_call_graph_says_comes_first_though_no_retriever_found_it(make_stored):
    definition = make_stored(path="def.py", symbol="charge", defines=["charge"])
    caller = make_stored(path="shop.py", symbol="place_order", defines=["place_order"])
    result = ranked("who calls charge", {VectorName.CODE: [(definition, 10)]}, related=[caller])
    assert paths(result) == ["shop.py", "def.py"]
    assert read_hit(result[0], "c").matched == ["graph"]
    off = DEFAULT.without([Signal.RELATED])
    assert paths(ranked("who calls charge", {VectorName.CODE: [(definition, 10)]}, off, [caller])) == ["def.py"]

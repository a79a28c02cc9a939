import time

import pytest

from codemuse.contracts.rag import SearchFilters
from codemuse.contracts.search_query import read_query
from rag_server.core.points import RepositoryKey, StoredChunk
from rag_server.features.search.errors import InvalidQuery
from rag_server.features.search.filters import narrow

NOTHING = read_query("")


@pytest.fixture
def make_stored(make_chunk):
    def make(**overrides):
        return StoredChunk.of(make_chunk(**overrides), RepositoryKey("org", "repo"), generation=1, commit="c")

    return make


@pytest.fixture
def accepts(make_stored):
    """Whether a chunk meets a query."""

    def check(query, **overrides):
        narrowing = narrow(SearchFilters(), read_query(query))
        chunk = make_stored(**overrides)
        has_path = narrowing.has_path is None or narrowing.has_path(chunk.path)
        return has_path and (narrowing.accepts is None or narrowing.accepts(chunk))

    return check


def test_language_and_kind_are_left_to_the_store():
    narrowing = narrow(SearchFilters(language="python", kind="class"), NOTHING)
    assert narrowing.where.equal == {"language": "python", "kind": "class"}
    assert narrowing.accepts is None


@pytest.mark.parametrize(("given", "meant"), [("py", "python"), ("C++", "cpp"), ("TypeScript", "typescript")])
def test_a_language_has_the_names_that_the_operator_takes(given, meant):
    assert narrow(SearchFilters(language=given), NOTHING).where.equal == {"language": meant}


@pytest.mark.parametrize("unknown", [SearchFilters(language="klingon"), SearchFilters(kind="magic")])
def test_a_filter_that_nothing_can_meet_is_told(unknown):
    with pytest.raises(InvalidQuery, match=r"klingon|magic"):
        narrow(unknown, NOTHING)


@pytest.mark.parametrize("path", ["src/app", "src/app/", "./src/app", "/src/app"])
def test_a_path_is_a_folder_or_a_file(path):
    assert narrow(SearchFilters(path=path), NOTHING).where.equal == {"folders": "src/app"}


@pytest.mark.parametrize(
    ("glob", "accepted", "refused"),
    [
        ("**/*.py", ["a.py", "x/y/a.py"], ["a.pyc", "x/a.js"]),
        ("src/*.py", ["src/a.py"], ["src/x/a.py", "a.py"]),
        ("src/**", ["src/a", "src/x/y"], ["other/src/a"]),
        ("src/?.c", ["src/a.c"], ["src/ab.c"]),
        ("a+(b)*", ["a+(b)c"], ["aab"]),
    ],
)
def test_globs_stay_within_folders_unless_doubled(glob, accepted, refused):
    has_path = narrow(SearchFilters(path=glob), NOTHING).has_path
    assert all(has_path(path) for path in accepted)
    assert not any(has_path(path) for path in refused)


@pytest.mark.parametrize("glob", ["**/" * 100 + "*a*b*c", "*a" * 199 + "b", "?" * 200 + "*" * 200])
def test_a_glob_of_many_stars_is_answered_at_once(glob):
    began = time.process_time()
    assert not narrow(SearchFilters(path=glob), NOTHING).has_path("a/" * 400 + "a")
    assert time.process_time() - began < 0.5


@pytest.mark.parametrize(
    ("query", "text", "met"),
    [
        ('"load(path)"', "x = LOAD(path)", True),
        ('"two  words"', "two\n    words", True),
        ('"two words"', "two other words", False),
        ("x -cache", "a cache of x", False),
        ("x -cache", "caching x", True),
        ('x -"old way"', "the old way", False),
        (r"/def \w+_config/", "def parse_config(path):", True),
        (r"/def \w+_Config/", "def parse_config(path):", False),
        ("/^return/", "x\nreturn 1", True),
        ('"a" "b"', "a only", False),
    ],
)  # fmt: skip
def test_operators_hold_of_the_text(accepts, query, text, met):
    assert accepts(query, text=text) is met


@pytest.mark.parametrize(
    ("query", "path", "met"),
    [
        ("path:src/", "lib/src/a.py", True),
        ("path:/src", "lib/src/a.py", False),
        ("path:/src", "src/a.py", True),
        ("path:Rout", "web/router.ts", True),
        ("path:*.ts", "web/x/router.ts", True),
        ("path:/*.ts", "web/router.ts", False),
        ("path:web/**/*.ts", "web/x/router.ts", True),
        ("path:go path:rust", "rust/a.rs", True),
        ("-path:test", "tests/a.py", False),
        ("-path:test", "src/a.py", True),
    ],
)
def test_path_filters(accepts, query, path, met):
    assert accepts(query, path=path) is met


@pytest.mark.parametrize(
    ("query", "met"),
    [
        ("symbol:add_route", True),
        ("symbol:Router.add_route", True),
        ("symbol:Router::add_route", True),
        ("symbol:Table.add_route", False),
        ("symbol:route", False),
        ("-symbol:add_route", False),
    ],
)
def test_symbol_filters(accepts, query, met):
    assert accepts(query, symbol="Router.add_route", defines=["add_route"]) is met


def test_languages_and_kinds_are_left_to_the_store():
    narrowing = narrow(SearchFilters(), read_query("lang:py lang:go kind:class"))
    assert narrowing.where.among == {"language": ["python", "go"], "kind": ["class"]}
    assert narrowing.accepts is None


def test_refused_languages_and_kinds(accepts):
    assert not accepts("-lang:py")
    assert accepts("-lang:go -kind:class")


@pytest.mark.parametrize(
    "query",
    ["/a(/", "/(a{1,1000}){1,1000}/", "lang:klingon", "-lang:klingon", "kind:thing", " ".join(f"-x{n}" for n in range(33)),
     "/" + "(x+x+)+" * 500 + "/"],
)  # fmt: skip
def test_operators_that_cannot_be_worked_with_are_refused(query):
    with pytest.raises(InvalidQuery):
        narrow(SearchFilters(), read_query(query)).accepts  # noqa: B018


@pytest.mark.parametrize("pattern", ["(a+)+$", "(a|aa)+$", "(.*a){20}", "([a-z]+)*b"])
def test_patterns_that_blow_up_elsewhere_are_answered_at_once(accepts, pattern):
    began = time.process_time()
    accepts(f"/{pattern}/", text="a" * 50_000 + "!")
    assert time.process_time() - began < 1

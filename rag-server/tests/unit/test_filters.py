import pytest

from codemuse.contracts.rag import SearchFilters
from rag_server.features.search.filters import narrow


def test_language_and_kind_are_left_to_the_store():
    narrowing = narrow(SearchFilters(language="python", kind="class"))
    assert narrowing.where.equal == {"language": "python", "kind": "class"}
    assert narrowing.accepts is None


@pytest.mark.parametrize("path", ["src/app", "src/app/", "./src/app", "/src/app"])
def test_a_path_is_a_folder_or_a_file(path):
    assert narrow(SearchFilters(path=path)).where.equal == {"folders": "src/app"}


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
    accepts = narrow(SearchFilters(path=glob)).accepts
    assert all(accepts(path) for path in accepted)
    assert not any(accepts(path) for path in refused)


def test_the_folder_of_a_glob_is_left_to_the_store():
    assert narrow(SearchFilters(path="src/app/**/*.py")).where.equal == {"folders": "src/app"}


def test_a_glob_of_many_stars_is_answered_at_once():
    accepts = narrow(SearchFilters(path="**/" * 3 + "*a*b*c")).accepts
    assert not accepts("x" * 200)

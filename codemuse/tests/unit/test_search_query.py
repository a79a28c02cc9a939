import time

import pytest

from codemuse.contracts.search_query import Field, read_query, without_filter


def test_words_alone_are_words():
    query = read_query("  how are  leases renewed ")
    assert query.words == "how are leases renewed"
    assert not query.has_operators


def test_every_operator_is_read():
    query = read_query(
        'retry "exact phrase" -cache -"old way" path:src/ -path:tests lang:go /on_\\w+ error/ symbol:A.b'
    )
    assert query.words == "retry"
    assert query.phrases == ("exact phrase",)
    assert query.excluded == ("cache", "old way")
    assert query.patterns == ("on_\\w+ error",)
    assert query.filters == {Field.PATH: ("src/",), Field.LANGUAGE: ("go",), Field.SYMBOL: ("A.b",)}
    assert query.refused == {Field.PATH: ("tests",)}


@pytest.mark.parametrize(
    "text",
    [
        "std::vector<int>", "a-b", "key: value", "path:", "TypeError: x", "/api/v1/search", "-fno-exceptions", "-", '"',
        "https://host/path:80", 'unclosed "quote', "/unclosed", "e.g./i.e.", "--verbose", "😀",
    ],
)  # fmt: skip
def test_what_only_looks_like_an_operator_is_words(text):
    query = read_query(text)
    assert (query.words, query.has_operators) == (text, False)


def test_names_of_filters_have_long_forms_and_any_case():
    query = read_query('LANGUAGE:go Repository:"my service" file:a.py')
    assert query.filters == {Field.LANGUAGE: ("go",), Field.REPOSITORY: ("my service",), Field.PATH: ("a.py",)}


def test_alternatives_are_kept_in_order_and_once():
    assert read_query("repo:b repo:a repo:b").filters == {Field.REPOSITORY: ("b", "a")}


def test_a_filter_is_taken_out_and_the_rest_stays_as_it_was():
    assert without_filter('repo:a "x  y" -repo:b lang:go /r r/ word', Field.REPOSITORY) == '"x  y" lang:go /r r/ word'


@pytest.mark.parametrize(
    "text", ['"' * 4000, "/" * 4000, "/a" * 2000, '-"' * 2000, "path:" * 800, " " * 4000, "\\/" * 2000]
)
def test_reading_stays_fast_whatever_is_written(text):
    began = time.process_time()
    read_query(text)
    assert time.process_time() - began < 0.2

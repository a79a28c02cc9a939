import unicodedata
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag_server.core.tokens import count_terms, iter_terms, operators_asked, operators_defined, query_terms


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("parseConfigFile", ["pars", "configur", "file", "parseconfigfile"]),
        ("parse_config", ["pars", "configur", "parseconfig"]),
        ("HTTPServer2", ["http", "server", "2", "httpserver2"]),
        ("registered routes", ["regist", "rout"]),
        ("__init__", ["initi"]),
        ("인증을", ["인증", "증을"]),
        ("값", ["값"]),
        ("인증token", ["인증", "token"]),
        ("größe naïve", ["größe", "naïv"]),
        ("😀 \x00 !!", []),
        ("x" * 65, []),
    ],
)
def test_words_are_split_as_code_and_language_ask_for(text, terms):
    assert list(iter_terms(text)) == terms


def test_korean_with_a_particle_finds_the_bare_noun():
    assert set(iter_terms("인증")) <= set(iter_terms("인증을"))


@pytest.mark.parametrize("text", ["사용자 인증", "naïve größe"])
def test_letters_in_parts_are_letters(text):
    assert list(iter_terms(unicodedata.normalize("NFD", text))) == list(iter_terms(text))


def test_a_question_loses_words_without_meaning():
    assert query_terms("how is the config parsed") == ["configur", "pars"]


def test_a_question_of_nothing_else_keeps_its_words():
    assert query_terms("is this") == ["is", "this"]


@given(st.text(max_size=200))
def test_any_text_can_be_split(text):
    assert all(iter_terms(text))


@pytest.mark.parametrize(
    "text",
    [
        "def getUserName(user_name): return get_user_name(1)",
        "사용자 인증을 하는 getUser, 인증",
        "",
        "x" * 100,
        "cafe\u0301 a1b2 É",
    ],
)
def test_terms_are_counted_as_often_as_they_occur(text):
    assert count_terms(text) == Counter(iter_terms(text))


@pytest.mark.parametrize(
    ("name", "terms"),
    [
        ("operator==", ["operator=="]),
        ("Vector.operator()", ["operator()"]),
        ("Money.<=>", ["operator<=>"]),
        ("[]=", ["operator[]="]),
        ("operator +", ["operator+"]),
        ("valid?", []),
        ("save!", []),
        ("__eq__", []),
        ("", []),
    ],
)
def test_operators_are_terms_where_they_are_defined(name, terms):
    assert operators_defined([name]) == terms


@pytest.mark.parametrize(
    ("question", "terms"),
    [
        ("operator==", ["operator=="]),
        ("how does <=> compare money?", ["operator<=>"]),
        ("what is operator +?", ["operator+"]),
        ("where is [] defined", ["operator[]"]),
        ("operator() of the hasher", ["operator()"]),
        ("a - b", []),
        ("render(template) and x->y, f() ()", []),
        ("인증은 어디서?", []),
    ],
)
def test_a_question_names_operators_that_stand_alone(question, terms):
    assert operators_asked(question) == terms

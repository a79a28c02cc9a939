"""Planning, and reading citations out of an answer."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.features.answering.citations import cited_numbers, drop_citations, locate, mentioned_names
from orchestrator.features.answering.plan import make_queries


def test_names_in_a_question_are_searched_for_themselves() -> None:
    queries = make_queries("Why does `open_file` call FileReader.read in src/io.py?", [])
    assert queries[0].startswith("Why")
    assert {"open_file", "FileReader.read", "src/io.py"} <= set(queries[1:])


def test_a_short_follow_up_leans_on_the_question_before() -> None:
    assert make_queries("gin은 패닉을 어떻게 복구하나요?", [], ["gin-gonic/gin"])[1:] == []
    assert make_queries("gin의 Engine은 무엇인가요?", [], ["gin"])[1:] == ["Engine"]
    assert make_queries("And why?", ["How are leases renewed?"])[0] == "How are leases renewed?\nAnd why?"
    assert make_queries("How does the cache decide what it drops first?", ["Other?"])[0].startswith("How")


def test_both_sides_of_a_comparison_are_searched_for_and_the_latin_words_of_a_korean_question() -> None:
    assert make_queries("What is the difference between a chain and a chord?", [])[1:] == ["chain", "chord"]
    assert make_queries("budget을 초과하면 무슨 일이 일어나나요?", [])[1:] == ["budget"]
    assert make_queries("chord와 group의 차이는?", [])[1:] == ["chord", "group"]
    assert make_queries("What happens over the budget?", []) == ["What happens over the budget?"]


@pytest.mark.parametrize(
    ("answer", "numbers"),
    [
        ("One [1], two [2][1].", [1, 2]),
        ("A link [1](https://x) is none, `a[2]` neither.\n```\nb[3]\n```\n", []),
        ("Nothing.", []),
    ],
)
def test_citations_are_read_from_prose_only(answer: str, numbers: list[int]) -> None:
    assert cited_numbers(answer) == numbers


def test_dropping_citations_leaves_code_alone() -> None:
    answer = "Yes [1] and [9].\n```\nx[9]\n```\nDone [9]."
    assert drop_citations(answer, {1}) == "Yes [1] and.\n```\nx[9]\n```\nDone."


def test_names_are_read_from_code_spans_that_look_like_names() -> None:
    assert mentioned_names("Call `Shop.open()` or `not a name`, never `rm -rf`.\n```\n`inside`\n```\n") == ["Shop.open"]


@given(st.lists(st.text("ab ", min_size=1, max_size=5), min_size=1, max_size=12), st.integers(0, 11), st.integers(1, 4))
def test_a_passage_is_found_where_it_stands(lines: list[str], start: int, length: int) -> None:
    passage = lines[min(start, len(lines) - 1) :][:length]
    first, last = locate("\n".join(passage), lines) or (0, 0)
    assert [line.rstrip() for line in lines[first - 1 : last]] == [line.rstrip() for line in passage]


def test_a_passage_that_is_nowhere_is_not_found() -> None:
    assert locate("not here", ["a", "b"]) is None
    assert locate("b\nc  ", ["a", "b  ", "c"]) == (2, 3)

"""Which words are worth asking."""

import pytest

from docgen_server.core.pairs.commits import clean_subject, is_about_code
from docgen_server.core.pairs.words import in_lots, is_telling, words_of_name


@pytest.mark.parametrize(
    "text",
    ["Registers a function that runs before each request.", "세션 쿠키를 요청마다 새로 서명한다."],
)
def test_sentences_are_telling(text) -> None:
    assert is_telling(text)


@pytest.mark.parametrize(
    "text",
    ["Returns it.", "TODO make this faster some day", "See the other method for more", "@see Other#method for this one",
     "a b c d e f g", "the the the the the", "0x00 0x01 = 0x02 + 0x03 | ok so it is", "word " * 60],
)  # fmt: skip
def test_trivial_generated_and_overlong_texts_are_not(text) -> None:
    assert not is_telling(text)


@pytest.mark.parametrize(
    ("subject", "expected"),
    [
        ("fix(router): keep trailing slashes of mounted apps (#1234)", "keep trailing slashes of mounted apps"),
        ("[3.x] Refuse cookies with control characters. Closes #12", "Refuse cookies with control characters"),
    ],
)
def test_subjects_lose_their_tags(subject, expected) -> None:
    assert clean_subject(subject) == expected


@pytest.mark.parametrize(
    "subject",
    [
        "Bump certifi from 1.2 to 1.3 in requirements",
        "Release version 3.1.0 of this library",
        "Fix typos in the comments of everything",
        "more fixes",
    ],
)
def test_housework_is_not_asked_about(subject) -> None:
    assert not is_about_code(subject)


def test_names_are_read_as_words() -> None:
    assert words_of_name("test_keepsHTTPQuery_2") == ["test", "keeps", "http", "query", "2"]


def test_lots_depend_on_the_seed_alone_and_stay_in_order_when_some_are_missing() -> None:
    items = [str(number) for number in range(50)]
    first = in_lots(items, "a", str)
    assert first == in_lots(list(reversed(items)), "a", str) != in_lots(items, "b", str)
    assert in_lots(items[10:], "a", str) == [item for item in first if int(item) >= 10]

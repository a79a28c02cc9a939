import pytest

from rag_server.features.search.query import understand


@pytest.mark.parametrize(
    ("text", "symbols"),
    [
        ("parseConfig", {"parseconfig"}),
        ("Flask.add_url_rule", {"add_url_rule"}),
        ("std::vector", {"vector"}),
        ("router", {"router"}),
        ("where is parse_config called", {"parse_config"}),
        ("how are routes registered", set()),
        ("HTTP errors", {"http"}),
        ("인증을 어디서 하나요", set()),
    ],
)
def test_names_are_told_from_words(text, symbols):
    assert understand(text).symbols == symbols


@pytest.mark.parametrize("text", ["unit tests of the parser", "mocking the clock", "파서 테스트"])
def test_asking_for_tests_is_noticed(text):
    assert understand(text).wants_tests


def test_asking_for_examples_is_noticed():
    assert understand("usage examples").wants_examples
    assert not understand("request parser").wants_examples

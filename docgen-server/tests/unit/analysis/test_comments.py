import pytest

from docgen_server.core.analysis.comments import parse_comment
from docgen_server.core.analysis.doc_comment import DocItem, DocNote

GOOGLE = "Adds. And more.\n\nArgs:\n    a (int): First.\n    b: Second.\n\nReturns:\n    The sum.\n\nRaises:\n    ValueError: When bad.\n"
NUMPY = "Adds. And more.\n\nParameters\n----------\na : int\n    First.\nb\n    Second.\n\nRaises\n------\nValueError\n    When bad.\n"
SPHINX = (
    "Adds. And more.\n\n:param int a: First.\n:param b: Second.\n:returns: The sum.\n:raises ValueError: When bad.\n"
)
JSDOC = "Adds. And more.\n@param {int} a - First.\n@param b Second.\n@returns {number} The sum.\n@throws {ValueError} When bad.\n@example\nadd(1)"
JAVADOC = "Adds. And more.\n@param a First.\n@param b Second.\n@return The sum.\n@throws ValueError When bad."
XML = '<summary>Adds. And more.</summary>\n<param name="a">First.</param>\n<param name="b">Second.</param>\n<returns>The sum.</returns>\n<exception cref="ValueError">When bad.</exception>'


@pytest.mark.parametrize(
    ("text", "language"),
    [
        (GOOGLE, "python"),
        (NUMPY, "python"),
        (SPHINX, "python"),
        (JSDOC, "javascript"),
        (JAVADOC, "java"),
        (XML, "csharp"),
    ],
)
def test_every_convention_gives_the_same_parts(text, language):
    comment = parse_comment(text, language)

    assert comment.summary == "Adds."
    assert [(item.name, item.text) for item in comment.parameters] == [("a", "First."), ("b", "Second.")]
    assert [(item.name, item.text) for item in comment.raises] == [("ValueError", "When bad.")]
    if text is not NUMPY:
        assert [item.text for item in comment.returns] == ["The sum."]


def test_types_and_examples_are_kept():
    comment = parse_comment(JSDOC, "typescript")

    assert comment.parameters[0] == DocItem("a", "First.", "int")
    assert comment.examples == ["add(1)"]


def test_rustdoc_without_headings_is_a_description():
    comment = parse_comment("Adds two numbers.\n\nAlways.", "rust")
    assert (comment.summary, comment.description) == ("Adds two numbers.", "Adds two numbers.\n\nAlways.")


def test_rustdoc_is_read_by_its_headings():
    comment = parse_comment(
        "Adds.\n\n# Arguments\n* `a` - First.\n# Errors\nWhen bad.\n# Examples\n```\nadd(1)\n```", "rust"
    )

    assert comment.parameters == [DocItem("a", "First.")]
    assert comment.notes == [DocNote("Errors", "When bad.")]
    assert "add(1)" in comment.examples[0]


def test_plain_text_is_summary_and_description():
    comment = parse_comment("F adds. It does.\n\nMore.", "go")

    assert (comment.summary, comment.description, comment.parameters) == ("F adds.", "F adds. It does.\n\nMore.", [])

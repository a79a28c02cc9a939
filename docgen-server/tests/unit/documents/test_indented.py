import pytest

from docgen_server.core.documents.comments import comment_to_markdown
from docgen_server.core.documents.indented import fence_indented


@pytest.mark.parametrize("margin", ["  ", "   ", "     ", "\t"])
def test_an_indented_example_becomes_code_whatever_its_margin(margin):
    text = f"Sets links.\n\nExamples:\n\n{margin}res.links({{\n{margin}  next: 1\n{margin}}});\n\n{margin}more()\n\nThe end."

    assert comment_to_markdown(text, "javascript") == (
        "Sets links.\n\nExamples:\n\n```javascript\nres.links({\n  next: 1\n});\n\nmore()\n```\n\nThe end."
    )


def test_an_example_right_below_its_label_is_code_too():
    assert fence_indented(["For example:", "    go()", "Done."], "go") == [
        "For example:", "", "```go", "go()", "```", "Done."
    ]  # fmt: skip


@pytest.mark.parametrize(
    "lines", [["- one", "", "  more of one"], ["Text", "   that goes on"], ["```", "   code", "```"], ["1. a", "   b"]]
)
def test_lists_running_text_and_fences_stay_as_they_are(lines):
    assert fence_indented(lines, "java") == lines

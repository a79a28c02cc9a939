"""Where doc comments stand, by their words."""

import pytest

from docgen_server.core.pairs.doc_lines import find_doc_lines, still_says, with_what_stands_above

PYTHON = '''import x


@decorated
def send(
    request: Request,
) -> Reply:
    """Send a request and wait.

    Retries twice.
    """
    return x.send(request)
'''
GO = """package cobra

// Execute uses the args and runs
// through the command tree.
func (c *Command) Execute() error {
	// runs
	return nil
}
"""
JAVA = """class A {
  /**
   * Parses the <b>given</b> text.
   *
   * @return a tree
   */
  @Override
  public Tree parse(String text) {
    return null;
  }
}
"""


@pytest.mark.parametrize(
    ("text", "line", "last", "doc", "expected"),
    [
        (PYTHON, 5, 12, "Send a request and wait.\n\nRetries twice.", (8, 10)),
        (GO, 5, 8, "Execute uses the args and runs\nthrough the command tree.", (3, 4)),
        (JAVA, 8, 10, "Parses the given text.\n\n@return a tree", (3, 5)),
        (GO, 5, 8, "Something else.", None),
    ],
)
def test_a_comment_is_found_above_or_inside(text, line, last, doc, expected) -> None:
    assert find_doc_lines(text.splitlines(), line, last, doc) == expected


def test_a_comment_that_says_it_twice_is_noticed() -> None:
    lines = ["def go():", '    """Walk to the shop."""', "    # walk to the", "    # shop.", "    pass"]
    assert still_says(lines, 1, 5, (2, 2), "Walk to the shop.")
    assert not still_says(lines, 1, 5, (2, 4), "Walk to the shop.")


def test_what_stands_above_belongs_to_a_definition() -> None:
    lines = ["x = 1", "", "// Tries it.", "@Test", "void tries() {}"]
    assert with_what_stands_above(lines, 5) == 3
    assert with_what_stands_above(lines, 1) == 1
    assert with_what_stands_above([], 7) == 1

from textwrap import dedent

from docgen_server.core.documents.comments import comment_to_markdown, summarise


def test_google_sections_become_lists():
    doc = """\
        Buys.

        Args:
            item (Item): What to buy.
            many: How many.

        Returns:
            The receipt.
        """
    assert comment_to_markdown(dedent(doc), "python") == (
        "Buys.\n\n\n**Args**\n\n- `item` (Item) — What to buy.\n- `many` — How many.\n\n\n**Returns**\n\nThe receipt."
    )


def test_sphinx_fields_and_roles_are_read():
    text = comment_to_markdown(
        "Buys :class:`~shop.Item`.\n\n:param int many: how many\n:raises ValueError: never", "python"
    )

    assert text == "Buys `shop.Item`.\n\n- `many` — how many\n- *raises* `ValueError` — never"


def test_javadoc_tags_and_html_are_read():
    doc = "Buys {@link Item}.\n<p>Twice.\n@param many how many\n@throws Broke when broke\n@return {Receipt} the receipt"

    assert comment_to_markdown(doc, "java") == (
        "Buys `Item`.\n\nTwice.\n- `many` — how many\n- *throws* `Broke` — when broke\n- *return* (Receipt) the receipt"
    )


def test_examples_are_fenced():
    assert comment_to_markdown(">>> 1 + 1\n2\n\nText.", "python") == "```pycon\n>>> 1 + 1\n2\n```\n\nText."


def test_a_summary_has_no_markup_of_its_convention():
    assert summarise("Entry of the :program:`celery` ``command``. More.") == "Entry of the `celery` `command`."

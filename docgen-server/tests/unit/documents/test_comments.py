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
        "Buys.\n\n**Parameters**\n\n- `item` (Item) — What to buy.\n- `many` — How many.\n\n**Returns**\n\nThe receipt."
    )


def test_sphinx_fields_and_roles_are_read():
    text = comment_to_markdown(
        "Buys :class:`~shop.Item`.\n\n:param int many: how many\n:raises ValueError: never", "python"
    )

    assert (
        text
        == "Buys `shop.Item`.\n\n**Parameters**\n\n- `many` (int) — how many\n\n**Raises**\n\n- `ValueError` — never"
    )


def test_javadoc_tags_and_html_are_read():
    doc = "Buys {@link Item}.\n<p>Twice.\n@param many how many\n@throws Broke when broke\n@return {Receipt} the receipt"

    assert comment_to_markdown(doc, "java") == (
        "Buys `Item`.\n\nTwice.\n\n**Parameters**\n\n- `many` — how many\n\n**Returns**\n\n- `Receipt` — the receipt\n\n"
        "**Raises**\n\n- `Broke` — when broke"
    )


def test_examples_are_fenced():
    assert comment_to_markdown(">>> 1 + 1\n2\n\nText.", "python") == "```pycon\n>>> 1 + 1\n2\n```\n\nText."


def test_a_summary_has_no_markup_of_its_convention():
    assert summarise("Entry of the :program:`celery` ``command``. More.") == "Entry of the `celery` `command`."


def test_prose_behind_and_between_sections_is_kept():
    doc = """\
        Buys.

        :param many: how many,
            at most ten

        .. versionchanged:: 2.0
            Faster.

        Last words.
        """
    text = comment_to_markdown(dedent(doc), "python")

    assert text.startswith("Buys.\n\n> **Versionchanged** 2.0")
    assert "Last words.\n\n**Parameters**\n\n- `many` — how many,\n  at most ten" in text


def test_sections_of_no_known_structure_keep_their_title():
    doc = "Buys.\n\nArgs:\n    many: How many.\n\nNote:\n    Slowly.\n\nMore prose."

    assert comment_to_markdown(doc, "python") == (
        "Buys.\n\nMore prose.\n\n**Parameters**\n\n- `many` — How many.\n\n**Note**\n\nSlowly."
    )


def test_numpy_sections_are_read():
    doc = "Buys.\n\nParameters\n----------\nmany : int\n    How many.\n\nSee Also\n--------\nsell\n"

    assert comment_to_markdown(doc, "python") == (
        "Buys.\n\n**Parameters**\n\n- `many` (int) — How many.\n\n**See also**\n\nsell"
    )


def test_examples_of_jsdoc_are_code_and_other_tags_are_notes():
    doc = "Buys.\n@private\n@api public\n@deprecated use sell\n@example\nbuy(1)\nbuy(2)"

    assert comment_to_markdown(doc, "javascript") == (
        "Buys.\n\n**Example**\n\n```javascript\nbuy(1)\nbuy(2)\n```\n\n**Deprecated**\n\nuse sell"
    )


def test_xml_doc_is_read():
    doc = '<summary>Buys <see cref="Item"/>.</summary>\n<param name="many">How many.</param>\n<remarks>Slow.</remarks>'

    assert comment_to_markdown(doc, "csharp") == (
        "Buys `Item`.\n\n**Parameters**\n\n- `many` — How many.\n\n**Remarks**\n\nSlow."
    )


def test_a_summary_never_begins_with_structure():
    assert summarise("@param many how many") == ""
    assert summarise("Buys\n@return nothing") == "Buys"

from docgen_server.core.analysis.prose import parse_markdown, parse_rst


def names(outline):
    return [(item.qualified_name, item.start_line, item.end_line) for item in outline.definitions]


def test_markdown_headings_nest_in_both_spellings():
    lines = [
        "Title",
        "=====",
        "",
        "text",
        "",
        "Part",
        "----",
        "",
        "### Deep ###",
        "",
        "~~~",
        "# code",
        "~~~",
        "",
        "# Next",
        "",
    ][:-1]

    assert names(parse_markdown(lines)) == [
        ("Title", 1, 14),
        ("Title > Part", 6, 14),
        ("Title > Part > Deep", 9, 14),
        ("Next", 15, 15),
    ]


def test_rst_headings_take_their_level_from_the_order_of_use():
    lines = [
        "=====",
        "Title",
        "=====",
        "",
        "Part",
        "====",
        "",
        "text",
        "",
        "More",
        "----",
        "",
        "Part two",
        "========",
        "",
    ][:-1]

    assert names(parse_rst(lines)) == [
        ("Title", 1, 14),
        ("Title > Part", 5, 12),
        ("Title > Part > More", 10, 12),
        ("Title > Part two", 13, 14),
    ]


def test_tables_and_targets_are_no_rst_headings():
    lines = ["a b", "", "=== ===", "one two", "=== ===", "", ".. _target:", "", "::", "", "  ----"]

    assert parse_rst(lines).definitions == []


def test_the_first_sentence_like_paragraph_describes_the_document():
    lines = [
        "# Thing", "", "[![badge](x)](y)", "", ":Version: 1", "", "Thing sells other things to people who want them.", "",
        "More.",
    ]  # fmt: skip

    assert parse_markdown(lines).doc == "Thing sells other things to people who want them."
    code = ["```", "Some code that is long enough to look like a paragraph", "", "of prose", "```"]
    assert parse_markdown([*code, "", "**Fast** and small, and more than forty characters."]).doc.startswith("**Fast**")
    assert parse_markdown(["# Only"]).doc == ""

from docgen_server.core.documents.merge import apply_edit, merge_sections
from docgen_server.core.documents.sections import (
    Section,
    Source,
    decode_sections,
    encode_sections,
    join_sections,
    split_by_sections,
)


def make_section(key, text, **overrides):
    return Section(key, text, **overrides)


PAGE = [
    make_section("about", "# Cart\n\nHolds things."),
    make_section("symbol:buy", "## `buy`\n\nBuys.\n\nfunction — `cart.py:5-6`"),
    make_section("symbol:sell", "## `sell`\n\nSells.\n\nfunction — `cart.py:8-9`"),
]


def texts(sections):
    return {section.key: section.text for section in sections}


def test_stored_sections_come_back_as_they_were():
    section = make_section("a", "# A", digest="d", sources=(Source("a.py", "b", 1, 2),), generated="g", base="h")

    assert decode_sections(encode_sections([section])) == [section]


def test_an_unchanged_page_splits_into_its_sections():
    parts = split_by_sections(join_sections(PAGE), PAGE)

    assert [key for key, _ in parts] == ["about", "symbol:buy", "symbol:sell"]
    assert "\n".join(text for _, text in parts) == join_sections(PAGE)


def test_a_renamed_heading_keeps_its_section():
    edited = apply_edit(PAGE, join_sections(PAGE).replace("## `buy`", "## Buying"))

    assert texts(edited)["symbol:buy"].startswith("## Buying\n\nBuys.")
    assert [section.is_edited for section in edited] == [False, True, False]


def test_a_new_heading_belongs_to_the_section_above_it():
    edited = apply_edit(PAGE, join_sections(PAGE).replace("## `sell`", "## Notes\n\nMine.\n\n## `sell`"))

    assert texts(edited)["symbol:buy"].endswith("## Notes\n\nMine.")
    assert texts(edited)["symbol:sell"] == PAGE[2].text


def test_a_heading_in_a_fence_is_no_heading():
    fenced = "# Cart\n\n```\n## `sell`\n```"
    edited = apply_edit(PAGE, join_sections([make_section("about", fenced), *PAGE[1:]]))

    assert texts(edited)["about"] == fenced


def test_a_deleted_section_stays_deleted_while_its_code_is_the_same():
    edited = apply_edit(PAGE, join_sections([PAGE[0], PAGE[2]]))

    assert texts(merge_sections(edited, PAGE))["symbol:buy"] == ""
    assert "Buys." not in join_sections(merge_sections(edited, PAGE))


def test_an_edit_that_is_taken_back_is_no_edit():
    edited = apply_edit(PAGE, join_sections(PAGE).replace("Buys.", "Buys all."))

    assert not any(section.is_edited for section in apply_edit(edited, join_sections(PAGE)))


def test_moved_citations_do_not_disturb_an_edit():
    edited = apply_edit(PAGE, join_sections(PAGE).replace("Buys.", "Buys.\n\nNever on Sundays."))
    moved = [make_section(one.key, one.text.replace(":5-6", ":15-16")) for one in PAGE]

    merged = merge_sections(edited, moved)[1]

    assert merged.text == "## `buy`\n\nBuys.\n\nNever on Sundays.\n\nfunction — `cart.py:15-16`"
    assert not merged.is_conflicting


def test_the_same_change_on_both_sides_is_no_conflict_and_no_edit_any_more():
    edited = apply_edit(PAGE, join_sections(PAGE).replace("Buys.", "Buys one."))
    same = [make_section(one.key, one.text.replace("Buys.", "Buys one.")) for one in PAGE]

    assert not any(section.is_edited for section in merge_sections(edited, same))


def test_an_open_conflict_is_weighed_against_every_later_text():
    edited = apply_edit(PAGE, join_sections(PAGE).replace("Buys.", "Buys all."))
    contradicted = merge_sections(edited, [make_section(one.key, one.text.replace("Buys.", "One.")) for one in PAGE])
    assert contradicted[1].is_conflicting

    back = merge_sections(contradicted, PAGE)[1]

    assert back.text.startswith("## `buy`\n\nBuys all.")
    assert not back.is_conflicting


def test_text_about_a_definition_that_is_gone_stays_where_it_was_once_decided():
    edited = apply_edit(PAGE, join_sections(PAGE).replace("Buys.", "Buys all."))
    without = [PAGE[0], PAGE[2]]

    orphaned = merge_sections(edited, without)
    assert [section.key for section in orphaned] == ["about", "symbol:buy", "symbol:sell"]
    assert orphaned[1].is_conflicting

    kept = [orphaned[0], orphaned[1].resolved(keep_edit=True), orphaned[2]]
    assert not merge_sections(kept, without)[1].is_conflicting
    dropped = [orphaned[0], orphaned[1].resolved(keep_edit=False), orphaned[2]]
    assert "symbol:buy" not in texts(merge_sections(dropped, without))

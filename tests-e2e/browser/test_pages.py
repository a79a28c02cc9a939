"""Docs, search, runs and settings as a person meets them."""

import re

from playwright.sync_api import expect


def test_a_place_named_in_a_document_opens_its_lines(visit, shop_indexed) -> None:
    visitor = visit()
    page = visitor.enter(f"/docs/{shop_indexed['id']}")
    page.get_by_label("Filter pages").fill("payment")
    page.get_by_role("treeitem", name="payment.py").click()
    expect(page.locator("article h1")).to_be_visible()
    page.locator(".source-link", has_text=re.compile(r"payment\.py:4-6")).click()
    expect(page.locator(".evidence .code-line.marked")).to_have_count(3)
    page.get_by_role("link", name="Ask about this page").click()
    expect(page.locator("textarea")).to_have_value("About shop/payment.py: ")
    assert visitor.complaints == []


def test_a_search_is_walked_by_keyboard_and_stands_in_the_address(visit, shop_indexed) -> None:
    page = visit().enter("/search")
    field = page.get_by_role("searchbox", name="Search the code")
    field.fill("charge a credit card")
    expect(page.locator("article.result").first).to_contain_text("payment.py")
    expect(page).to_have_url(re.compile(r"q=charge"))
    field.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator(".evidence")).to_contain_text("def charge_credit_card")
    page.get_by_role("navigation", name="Narrow the search").get_by_role("button", name="Python").click()
    expect(field).to_have_value("charge a credit card lang:python")
    page.reload()
    expect(page.locator("article.result").first).to_contain_text("payment.py")


def test_a_search_without_words_explains_how_to_search(visit, shop_indexed) -> None:
    page = visit().enter("/search")
    page.get_by_role("button", name="retry backoff").click()
    expect(page.get_by_role("searchbox")).to_have_value("retry backoff")


def test_a_result_says_why_it_was_found_and_a_bad_pattern_what_is_wrong(visit, shop_indexed) -> None:
    page = visit().enter("/search")
    field = page.get_by_role("searchbox", name="Search the code")
    field.fill("charge_credit_card")
    page.get_by_role("button", name=re.compile("^found by")).first.click()
    expect(page.locator("article.result table").first).to_contain_text("Defines the name")
    page.get_by_text("stages").click()
    expect(page.locator("details.stages")).to_contain_text("look up words")
    field.fill("/(/")
    expect(page.get_by_role("alert")).to_contain_text("is not a pattern that can be used")
    expect(page.get_by_role("alert").get_by_role("button", name="Try again")).to_have_count(0)


def test_a_run_shows_its_steps(visit, shop_indexed) -> None:
    page = visit().enter("/runs")
    page.get_by_role("link", name=re.compile("^.*shop.*Index.*")).first.click()
    for step in ("Fetch", "Analyse", "Index", "Publish", "Document", "Refine"):
        expect(page.locator(".timeline")).to_contain_text(step)


def test_an_api_key_is_shown_once_and_revoked_after_a_question(visit) -> None:
    page = visit().enter("/settings/keys")
    page.get_by_label("Name").fill("nightly job")
    page.get_by_role("button", name="Create key").click()
    expect(page.get_by_role("status").locator("code")).to_have_text(re.compile(r"^cm_"))
    page.reload()
    expect(page.get_by_text("nightly job")).to_be_visible()
    expect(page.locator("code", has_text=re.compile(r"^cm_.{20,}"))).to_have_count(0)
    listed = page.get_by_role("listitem").filter(has_text="nightly job")
    listed.get_by_role("button", name="Revoke").click()
    page.get_by_role("alertdialog").get_by_role("button", name="Revoke").click()
    expect(listed).to_have_count(0)


def test_language_and_theme_follow_the_choice_and_stay(visit) -> None:
    page = visit().enter("/settings/account")
    page.get_by_text("한국어", exact=True).click()
    expect(page.locator("html")).to_have_attribute("lang", "ko")
    expect(page.get_by_role("heading", name="계정")).to_be_visible()
    page.get_by_text("어둡게", exact=True).click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.reload()
    expect(page.get_by_role("heading", name="계정")).to_be_visible()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")


def test_the_system_page_says_how_every_service_feels(visit) -> None:
    page = visit().enter("/settings/system")
    for service in ("postgres", "rag-server", "embedding-server", "llm-server", "docgen-server"):
        expect(page.get_by_text(service, exact=True).first).to_be_visible()


def test_an_administrator_backs_the_index_up_and_is_asked_before_a_restore(visit) -> None:
    page = visit().enter("/settings/index")
    expect(page.get_by_text("The index is open")).to_be_visible()
    expect(page.get_by_text("No backups yet")).to_be_visible()
    page.get_by_role("button", name="Back up now").click()
    restore = page.get_by_role("button", name=re.compile("^Restore the backup of"))
    restore.click()
    expect(page.get_by_role("alertdialog")).to_contain_text("Search goes on as it is")
    page.get_by_role("alertdialog").get_by_role("button", name="Restore").click()
    expect(page.locator(".timeline")).to_contain_text("Change over")
    page.goto(page.url.split("/runs/")[0] + "/settings/index")
    page.get_by_role("button", name=re.compile("^Delete the backup of")).click()
    page.get_by_role("alertdialog").get_by_role("button", name="Delete").click()
    expect(page.get_by_text("No backups yet")).to_be_visible()

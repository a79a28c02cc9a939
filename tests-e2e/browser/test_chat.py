"""The chat as a person meets it: from the sign-in page to the cited lines."""

import re

from model_server import SLOW, SLOW_WORDS
from playwright.sync_api import expect

WHOLE = "".join(SLOW_WORDS).strip()


def test_a_wrong_password_is_refused_in_a_sentence(visit, app) -> None:
    visitor = visit()
    visitor.page.goto(app.url)
    visitor.page.locator("input[name=email]").fill(app.email)
    visitor.page.locator("input[name=password]").fill("not the password")
    visitor.page.locator("button[type=submit]").click()
    expect(visitor.page.get_by_role("alert")).to_contain_text("not right")


def test_a_citation_opens_the_cited_lines_beside_the_answer(visit, shop_indexed) -> None:
    visitor = visit()
    page = visitor.sign_in()
    visitor.ask("How is a credit card charged?")
    answer = page.locator("article.answer")
    expect(answer).to_contain_text("The payment provider charges the card")
    expect(answer.get_by_role("status")).to_have_text(
        re.compile(r"searched 1 repository · \d+ passages? · verified 1 of 1 · ")
    )
    answer.locator(".prose .cite").click()
    evidence = page.locator(".evidence")
    expect(evidence).to_contain_text("shop/payment.py")
    run = visitor.app.client.get("/api/v1/runs", params={"kind": "ask"}).json()["items"][0]
    message = visitor.app.client.get(f"/api/v1/chat/sessions/{run['session_id']}/messages").json()["items"][-1]
    cited = message["citations"][0]
    marked = evidence.locator(".code-line.marked")
    expect(marked).to_have_count(cited["end_line"] - cited["start_line"] + 1)
    assert marked.first.get_attribute("data-line") == str(cited["start_line"])
    expect(evidence.locator(".code-line.marked", has_text="def charge_credit_card")).to_be_visible()
    page.keyboard.press("Escape")
    expect(evidence).to_have_count(0)
    assert visitor.complaints == []
    assert visitor.foreign == []


def test_a_numeral_shows_its_lines_when_pointed_at(visit, shop_indexed) -> None:
    visitor = visit()
    page = visitor.enter()
    visitor.ask("How is a credit card charged?")
    page.locator(".prose .cite").hover()
    expect(page.locator(".preview")).to_contain_text("shop/payment.py")


def test_an_answer_is_whole_after_a_reload_in_its_middle(visit, shop_indexed) -> None:
    visitor = visit()
    page = visitor.enter()
    visitor.ask(SLOW)
    expect(page.locator(".prose")).to_contain_text("word5")
    page.reload()
    expect(page.locator(".prose")).to_contain_text("word20")
    expect(page.locator("article.answer[aria-busy=false]")).to_be_visible()
    assert page.locator(".prose").inner_text().strip() == WHOLE


def test_an_answer_is_whole_after_the_network_was_away(visit, shop_indexed) -> None:
    visitor = visit()
    page = visitor.enter()
    visitor.ask(SLOW)
    expect(page.locator(".prose")).to_contain_text("word5")
    visitor.context.set_offline(True)
    page.wait_for_timeout(1500)
    visitor.context.set_offline(False)
    expect(page.locator("article.answer[aria-busy=false]")).to_be_visible()
    assert page.locator(".prose").inner_text().strip() == WHOLE


def test_escape_stops_an_answer_and_keeps_what_was_said(visit, shop_indexed) -> None:
    visitor = visit()
    page = visitor.enter()
    visitor.ask(SLOW)
    expect(page.locator(".prose")).to_contain_text("word5")
    page.keyboard.press("Escape")
    expect(page.get_by_text("Stopped. What was written until then is kept.")).to_be_visible()
    expect(page.locator(".prose")).to_contain_text("word5")
    expect(page.locator(".prose")).not_to_contain_text("word119")
    expect(page.get_by_role("button", name="Ask again")).to_be_visible()


def test_korean_composition_sends_the_whole_question_once(visit, shop_indexed) -> None:
    visitor = visit(locale="ko-KR")
    page = visitor.enter()
    page.locator("textarea").click()
    keys = visitor.context.new_cdp_session(page)
    for text in ("ㄱ", "겨", "결"):
        keys.send("Input.imeSetComposition", {"text": text, "selectionStart": 1, "selectionEnd": 1})
    keys.send("Input.insertText", {"text": "결제"})
    page.keyboard.press("Enter")
    expect(page.locator("h2.question")).to_have_text("결제")
    expect(page.locator("textarea")).to_have_value("")
    expect(page.locator("article.answer[aria-busy=false]")).to_have_count(1)


def test_at_names_a_repository_as_scope_and_a_file_in_the_text(visit, shop_indexed) -> None:
    page = visit().enter()
    field = page.locator("textarea")
    field.press_sequentially("@sho")
    expect(page.get_by_role("option").first).to_contain_text("shop")
    field.press("Enter")
    expect(page.locator(".chip")).to_contain_text("shop")
    field.press_sequentially("see @payment")
    expect(page.get_by_role("option", name="shop/payment.py")).to_be_visible()
    field.press("Enter")
    expect(field).to_have_value("see `shop/payment.py` ")


def test_conversations_are_renamed_and_deleted(visit, shop_indexed) -> None:
    visitor = visit()
    page = visitor.enter()
    visitor.ask("A question to be deleted")
    expect(page.locator("article.answer[aria-busy=false]")).to_be_visible()
    row = page.locator(".session.current")
    row.hover()
    row.get_by_role("button", name="Rename or delete").click()
    page.get_by_text("Rename", exact=True).click()
    row.locator("input").fill("Another name")
    row.locator("input").press("Enter")
    expect(page.locator(".session.current")).to_contain_text("Another name")
    row.get_by_role("button", name="Rename or delete").click()
    page.get_by_text("Delete", exact=True).click()
    page.get_by_role("alertdialog").get_by_role("button", name="Delete").click()
    expect(page.get_by_text("Another name")).to_have_count(0)
    expect(page).to_have_url(re.compile(r"/chat$"))


def test_language_and_theme_are_switched_and_kept(visit, app) -> None:
    page = visit().enter()
    page.get_by_role("button", name=re.compile("settings and sign out")).click()
    page.get_by_role("button", name="한국어").click()
    expect(page.get_by_text("코드에 대해 무엇이 궁금한가요?")).to_be_visible()
    page.get_by_role("button", name="어둡게").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.reload()
    expect(page.get_by_text("코드에 대해 무엇이 궁금한가요?")).to_be_visible()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    assert page.locator("html").get_attribute("lang") == "ko"


def test_the_palette_and_the_shortcuts_work_from_the_keyboard(visit, app) -> None:
    page = visit().enter()
    expect(page.get_by_role("navigation").first).to_be_visible()
    page.keyboard.press("Control+k")
    palette = page.get_by_role("dialog", name="Go anywhere")
    palette.get_by_role("combobox").fill("runs")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/runs$"))
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()


def test_signing_out_ends_the_session(visit, app) -> None:
    page = visit().sign_in()
    page.get_by_role("button", name=re.compile("settings and sign out")).click()
    page.get_by_text("Sign out", exact=True).click()
    expect(page).to_have_url(re.compile("/sign-in"))
    page.goto(f"{app.url}/chat")
    expect(page).to_have_url(re.compile("/sign-in"))
    assert page.evaluate("localStorage.getItem('codemuse.tokens')") is None


def test_one_pane_at_the_width_of_a_phone(visit, shop_indexed) -> None:
    visitor = visit(viewport={"width": 390, "height": 844})
    page = visitor.enter()
    visitor.ask("How is a credit card charged?")
    page.locator(".prose .cite").click()
    expect(page.get_by_role("dialog").locator(".evidence")).to_contain_text("shop/payment.py")
    assert page.evaluate("document.documentElement.scrollWidth") == 390

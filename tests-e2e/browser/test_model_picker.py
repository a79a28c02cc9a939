"""Which model answers in a conversation: chosen at the input, remembered for that conversation alone."""

import json
import re

from playwright.sync_api import expect
from test_models import declare, tidy  # noqa: F401 - a fixture

AUTOMATIC = "Model: Automatic"


def test_a_model_is_chosen_for_one_conversation_with_the_keyboard(visit, upstream, tidy, shop_indexed) -> None:  # noqa: F811
    declare(tidy, upstream, "muse-five")
    tidy.put("/api/v1/providers", json={"roles": {"chat": ["chosen-words"]}})
    visitor = visit()
    page = visitor.enter()
    page.get_by_role("button", name=AUTOMATIC).focus()
    page.keyboard.press("ArrowDown")
    choices = page.get_by_role("menuitemradio")
    expect(choices.first).to_contain_text("chosen-words, and the next one where it fails")
    expect(choices.filter(has_text="MiniLM")).to_have_count(0)
    page.get_by_role("menuitemradio", name=re.compile("muse-five")).focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Model: muse-five")).to_be_visible()
    expect(page.locator("textarea")).to_be_focused()
    visitor.ask("How is a credit card charged?")
    expect(page.locator("article.answer .model")).to_have_text("muse-five")
    page.reload()
    expect(page.get_by_role("button", name="Model: muse-five")).to_be_visible()
    conversation = page.url
    page.goto(f"{visitor.app.url}/chat")
    expect(page.get_by_role("button", name=AUTOMATIC)).to_be_visible()
    page.goto(conversation)
    page.get_by_role("button", name="Model: muse-five").click()
    page.get_by_role("menuitemradio", name=re.compile("^Automatic")).click()
    expect(page.get_by_role("button", name=AUTOMATIC)).to_be_visible()
    visitor.ask("How is a credit card charged?")
    expect(page.locator("article.answer .prose").last).to_contain_text("The payment provider charges the card")
    session = conversation.rsplit("/", 1)[1]
    assert tidy.get("/api/v1/providers", params={"session_id": session}).json()["session_roles"] == {}
    assert visitor.complaints == []


def test_the_next_model_answers_where_the_chosen_one_does_not(visit, tidy, shop_indexed) -> None:  # noqa: F811
    declare(tidy, "http://127.0.0.1:9/v1", "muse-away")
    visitor = visit(locale="ko-KR", color_scheme="dark", viewport={"width": 390, "height": 844})
    page = visitor.enter()
    page.get_by_role("button", name="모델: 자동").click()
    page.get_by_role("menuitemradio", name="muse-away", exact=True).click()
    visitor.ask("How is a credit card charged?")
    expect(page.locator("article.answer .prose")).to_contain_text("The payment provider charges the card")
    expect(page.get_by_role("button", name="모델: muse-away")).to_be_visible()


def test_escape_closes_the_choice_and_not_the_answer(visit, shop_indexed) -> None:
    visitor = visit()
    page = visitor.enter()
    visitor.ask("Take your time")
    expect(page.locator(".prose")).to_contain_text("word5")
    page.get_by_role("button", name=AUTOMATIC).click()
    expect(page.get_by_role("menu")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("menu")).to_have_count(0)
    expect(page.locator(".prose")).to_contain_text("word119")


def test_without_any_model_the_choice_says_what_that_means(visit, app) -> None:
    def only_extractive(route) -> None:
        reply = route.fetch()
        body = reply.json()
        body["models"] = [model for model in body["models"] if model["declared_in"] == "built_in"]
        route.fulfill(response=reply, body=json.dumps(body))

    visitor = visit()
    visitor.page.route("**/api/v1/providers*", only_extractive)
    page = visitor.enter()
    page.get_by_role("button", name="Model: Passages only").click()
    expect(page.get_by_text("No language model yet")).to_be_visible()
    page.get_by_role("link", name="Add a model").click()
    expect(page).to_have_url(re.compile("/models$"))
    visitor.page.unroute_all(behavior="ignoreErrors")

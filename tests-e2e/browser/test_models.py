"""Language models as an administrator manages them: declared, tried, preferred, counted, limited, recorded."""

import json
import re
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import expect

from codemuse.native.temporary import Instance


@pytest.fixture
def tidy(app: Instance, tokens: str) -> Iterator[httpx.Client]:
    """The administrator at the API, who leaves models, roles and budgets as they were."""
    headers = {"Authorization": f"Bearer {json.loads(tokens)['access']}"}
    with httpx.Client(base_url=app.url, headers=headers, timeout=60, trust_env=False) as client:
        yield client
        client.put("/api/v1/providers", json={"roles": {"chat": [], "reasoning": []}})
        client.put("/api/v1/budgets", json={"scope": "organisation", "limits": None})
        client.put("/api/v1/prompt-log/policy", json={"enabled": False})
        for model in client.get("/api/v1/providers").json()["models"]:
            if model["declared_in"] == "registry":
                client.delete(f"/api/v1/providers/{model['name']}")


def wait_for_record(client: httpx.Client, seconds: float = 20) -> None:
    """Ask until a prompt is written down: other replicas hear of the switch after a moment."""
    deadline = time.monotonic() + seconds
    while not client.get("/api/v1/prompt-log").json()["items"]:
        assert time.monotonic() < deadline, "nothing was written down"
        ask(client, "muse-four")
        time.sleep(1)


def declare(client: httpx.Client, upstream: str, name: str) -> None:
    model = {"name": name, "base_url": upstream, "upstream_name": name, "price": {"prompt": 1000, "completion": 1000}}
    assert client.put("/api/v1/providers", json={"models": [model]}).status_code == 200


def ask(client: httpx.Client, model: str) -> None:
    body = {"model": model, "messages": [{"role": "user", "content": "Hello, my password = 'hunter22'"}]}
    assert client.post("/v1/chat/completions", json=body).status_code == 200


def test_a_model_is_tried_saved_and_given_a_role(visit, upstream, tidy) -> None:
    visitor = visit()
    page = visitor.enter("/models")
    page.get_by_role("button", name="Add a model").click()
    form = page.get_by_role("form", name="Add a model")
    form.get_by_label("Name", exact=True).fill("muse-one")
    form.get_by_label("Address").fill("http://127.0.0.1:9/v1")
    form.get_by_label("Key").fill("sk-browser-123456789")
    form.get_by_role("button", name="Test connection").click()
    expect(form.get_by_role("status")).to_contain_text("cannot be reached")
    form.get_by_label("Address").fill(upstream)
    form.get_by_role("button", name="Test connection").click()
    expect(form.get_by_role("status")).to_contain_text("Answered in")
    expect(form.get_by_role("status")).to_contain_text("real, adapter")
    form.get_by_role("button", name="Save").click()
    row = page.get_by_role("listitem").filter(has_text="muse-one")
    expect(row.get_by_label("has a key")).to_be_visible()
    reasoning = page.locator("dd").nth(1)
    expect(reasoning).to_contain_text("muse-one")
    reasoning.get_by_role("button", name="Take “chosen-words” out").click()
    expect(reasoning.locator(".model", has_text="chosen-words")).to_have_count(0)
    chains = tidy.get("/api/v1/providers").json()["roles"]
    assert "chosen-words" not in chains["reasoning"]
    row.get_by_role("button", name="Remove “muse-one”").click()
    page.get_by_role("alertdialog").get_by_role("button", name="Remove").click()
    expect(row).to_have_count(0)
    assert "sk-browser-123456789" not in page.content()
    assert visitor.complaints == []


def test_usage_is_drawn_and_downloaded(visit, upstream, tidy) -> None:
    declare(tidy, upstream, "muse-two")
    ask(tidy, "muse-two")
    visitor = visit()
    page = visitor.enter("/models/usage")
    expect(page.get_by_role("img", name=re.compile("Tokens over 7 days"))).to_be_visible()
    expect(page.get_by_role("row", name=re.compile("^muse-two 1 "))).to_be_visible()
    page.get_by_role("combobox", name="by").select_option("user")
    expect(page.get_by_role("row", name=re.compile("^Administrator "))).to_be_visible()
    page.get_by_role("button", name="24 hours").click()
    expect(page.get_by_role("img", name=re.compile("24 hours"))).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("button", name="CSV").click()
    assert "muse-two" in Path(download.value.path()).read_text()
    assert visitor.complaints == []


def test_a_budget_shows_what_is_spent_of_it(visit, upstream, tidy) -> None:
    declare(tidy, upstream, "muse-three")
    ask(tidy, "muse-three")
    page = visit().enter("/models/budgets")
    page.get_by_role("button", name="Set a budget").click()
    form = page.get_by_role("form", name="Set a budget")
    form.get_by_label("Cost a month").fill("0.01")
    form.get_by_role("button", name="Save").click()
    expect(page.get_by_role("meter", name="Cost a month")).to_be_visible()
    expect(page.locator(".fill.over")).to_be_visible()
    page.get_by_role("button", name="Remove the budget of The whole organisation").click()
    page.get_by_role("alertdialog").get_by_role("button", name="Remove").click()
    expect(page.get_by_text("No budgets")).to_be_visible()


def test_a_prompt_gets_its_next_version_and_a_wrong_one_is_refused(visit, tidy) -> None:
    page = visit(locale="ko-KR", color_scheme="dark").enter("/models/prompts")
    page.get_by_text("기본 제공").click()
    expect(page.locator("pre").first).to_contain_text("You are CodeMuse")
    page.get_by_role("button", name="프롬프트 작성").click()
    form = page.get_by_role("form", name="프롬프트 작성")
    form.get_by_label("이름").fill("ask-brief")
    form.get_by_role("textbox", name="요청").fill("{{question}}")
    form.get_by_role("button", name="저장").click()
    expect(form.locator(".error-notice")).to_contain_text("{{sources}}")
    form.get_by_role("textbox", name="요청").fill("{{sources}} {{question}}")
    form.get_by_role("button", name="저장").click()
    expect(page.get_by_role("heading", name="ask-brief")).to_be_visible()
    expect(page.get_by_text("사용 중: 100%").first).to_be_visible()


def test_the_record_is_off_until_it_is_turned_on_and_can_be_deleted(visit, upstream, tidy) -> None:
    declare(tidy, upstream, "muse-four")
    page = visit().enter("/models/record")
    switch = page.get_by_label("Write prompts and answers down")
    expect(switch).not_to_be_checked()
    switch.click()
    expect(page.get_by_text("Administrator,")).to_be_visible()
    wait_for_record(tidy)
    page.reload()
    page.get_by_text("my password = '***'").first.click()
    expect(page.locator("pre").last).to_contain_text("word0 word1")
    page.get_by_role("button", name="Delete all").click()
    page.get_by_role("alertdialog").get_by_role("button", name="Delete all").click()
    expect(page.get_by_text("my password")).to_have_count(0)

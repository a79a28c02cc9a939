"""Versions, evaluations and the tuning of search, as a person meets them."""

import io
import json
import re
import tarfile
import time

import pytest
from playwright.sync_api import expect

OLD = {
    "shop/auth.py": (
        '"""Who may come in."""\n\n\ndef check_password(given: str, stored: str) -> bool:\n'
        '    """Compare a password with the stored one, letter by letter."""\n    return given == stored\n'
    ),
    "shop/cart.py": (
        '"""The cart."""\n\n\ndef add_to_cart(cart: list[str], item: str) -> list[str]:\n'
        '    """Put an item into the cart of a customer."""\n    return [*cart, item]\n'
    ),
}
NEW = OLD | {
    "shop/auth.py": (
        '"""Who may come in."""\n\nimport hmac\n\n\ndef check_password(given: str, stored: str) -> bool:\n'
        '    """Compare a password with the stored one in constant time."""\n    return hmac.compare_digest(given, stored)\n'
    )
}


def archive_of(files):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for path, text in files.items():
            member = tarfile.TarInfo(f"kiosk/{path}")
            member.size = len(text.encode())
            archive.addfile(member, io.BytesIO(text.encode()))
    return ("kiosk.tar.gz", buffer.getvalue())


def wait(app, run_id):
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline:
        run = app.client.get(f"/api/v1/runs/{run_id}").json()
        if run["finished_at"]:
            assert run["status"].startswith("succeeded"), run
            return
        time.sleep(0.1)
    raise AssertionError(f"the run has not ended: {run}")


@pytest.fixture(scope="module")
def kiosk(app):
    """A repository of two versions."""
    reply = app.client.post("/api/v1/repositories", files={"archive": archive_of(OLD)}, data={"name": "kiosk"})
    body = reply.raise_for_status().json()
    wait(app, body["run"]["id"])
    path = f"/api/v1/repositories/{body['repository']['id']}"
    wait(
        app, app.client.post(f"{path}/index", files={"archive": archive_of(NEW)}).raise_for_status().json()["run"]["id"]
    )
    return app.client.get(path).json()


def test_a_version_is_named_kept_searched_and_its_source_opened_as_it_stood(visit, kiosk) -> None:
    visitor = visit()
    page = visitor.enter(f"/repositories/{kiosk['id']}/versions")
    row = page.get_by_role("listitem").filter(has_text="Generation 1")
    row.get_by_role("button", name="Name this version").click()
    row.get_by_label("Name of the version").fill("v1.0")
    page.keyboard.press("Enter")
    expect(row.get_by_role("button", name="v1.0")).to_be_visible()
    expect(row.get_by_role("button", name="Kept")).to_have_attribute("aria-pressed", "true")
    row.get_by_role("link", name="Search here").click()
    expect(page.get_by_text("As of v1.0")).to_be_visible()
    field = page.get_by_role("searchbox", name="Search the code")
    field.fill("repo:kiosk compare a password")
    page.locator("article.result", has_text="auth.py").first.locator("button.where").click()
    expect(page.locator(".evidence")).to_contain_text("return given == stored")
    expect(page.locator(".evidence")).to_contain_text("the repository has been indexed again since")
    page.get_by_role("button", name="Show the indexed commit").click()
    expect(page.locator(".evidence")).to_contain_text("hmac.compare_digest")
    page.get_by_role("button", name="As of v1.0").click()
    expect(page).not_to_have_url(re.compile("as_of"))
    assert visitor.complaints == []


def test_two_versions_are_compared(visit, kiosk) -> None:
    page = visit().enter(f"/repositories/{kiosk['id']}/versions")
    page.get_by_label("What changed about").fill("checking passwords")
    page.keyboard.press("Enter")
    change = page.locator("article", has_text="shop/auth.py").first
    expect(change.locator(".gone", has_text="given == stored")).to_be_visible()
    expect(change.locator(".come", has_text="hmac.compare_digest")).to_be_visible()
    change.get_by_role("button", name=re.compile("^Open before")).click()
    expect(page.locator(".evidence")).to_contain_text("return given == stored")
    expect(page).to_have_url(re.compile("q=checking"))


def test_an_evaluation_is_started_watched_and_read(visit, kiosk) -> None:
    visitor = visit()
    page = visitor.enter(f"/repositories/{kiosk['id']}/evaluations")
    form = page.get_by_role("form", name="Start an evaluation")
    form.get_by_label("Name (optional)").fill("first look")
    form.get_by_text("Also measure what each part").click()
    form.get_by_role("button", name="Start").click()
    row = page.locator("a.evaluation", has_text="first look")
    expect(row).to_contain_text("NDCG@10", timeout=120_000)
    row.click()
    expect(page.get_by_role("heading", name="By kind of question")).to_be_visible()
    expect(page.get_by_role("row", name=re.compile("Doc comments"))).to_be_visible()
    expect(page.get_by_text("Commit messages: none, as an archive has no history.")).to_be_visible()
    expect(page.get_by_text("were cut out of what was searched")).to_be_visible()
    expect(page.get_by_role("heading", name="What each part is worth")).to_be_visible()
    page.get_by_role("button", name=re.compile("check_password")).click()
    expect(page.get_by_text("What answers it")).to_be_visible()
    page.locator(".place", has_text="shop/auth.py").first.click()
    expect(page.locator(".evidence")).to_contain_text("hmac.compare_digest")
    assert visitor.complaints == []


def test_an_annotation_set_is_read_and_a_wrong_one_refused(visit, kiosk) -> None:
    page = visit().enter(f"/repositories/{kiosk['id']}/evaluations?version=")
    form = page.get_by_role("form", name="Start an evaluation")
    form.get_by_role("button", name="Annotation set").click()
    upload = form.locator("input[type=file]")
    upload.set_input_files({"name": "wrong.json", "mimeType": "application/json", "buffer": b"[]"})
    expect(form.get_by_role("alert")).to_contain_text("is not an annotation set")
    questions = [{"query": "how are passwords compared", "relevant": ["shop/auth.py"]}]
    upload.set_input_files(
        {"name": "ours.json", "mimeType": "application/json", "buffer": json.dumps(questions).encode()}
    )
    expect(form.get_by_text("1 question", exact=True)).to_be_visible()
    form.get_by_role("button", name="Start").click()
    row = page.locator("a.evaluation", has_text="ours.json")
    expect(row).to_contain_text("1.000", timeout=120_000)


def test_a_change_that_makes_search_worse_is_refused_and_shown_with_both_figures(visit, kiosk, app, tokens) -> None:
    questions = [{"query": "add_to_cart", "relevant": [{"path": "shop/cart.py", "start_line": 4, "end_line": 6}]}]
    body = {"repository_id": kiosk["id"], "name": "guard", "questions": questions}
    accepted = app.client.post("/api/v1/evaluations", json=body).raise_for_status().json()
    wait(app, accepted["run"]["id"])
    page = visit().enter("/settings/search")
    page.get_by_label("Evaluation").click(force=True)
    page.get_by_role("option", name=re.compile("kiosk · guard")).click()
    page.get_by_role("button", name="Set the guard").click()
    expect(page.get_by_role("button", name="Evaluate and save")).to_be_visible()
    for signal in ("Words", "Meaning, quick model", "Meaning, full model", "Defines the name", "Name of the file"):
        page.get_by_label(signal, exact=True).fill("0")
    page.get_by_role("button", name="Evaluate and save").click()
    changes = page.get_by_role("listitem")
    expect(changes.first).to_contain_text(re.compile("Refused|Holds"), timeout=60_000)
    expect(changes.first).to_contain_text("NDCG@10 1.000 now")
    page.get_by_role("button", name="Save without evaluating").wait_for()
    person = {"Authorization": f"Bearer {json.loads(tokens)['access']}"}
    app.client.delete("/api/v1/search-settings/guard", headers=person).raise_for_status()
    app.client.put("/api/v1/search-settings", json={"weights": {}}, headers=person).raise_for_status()

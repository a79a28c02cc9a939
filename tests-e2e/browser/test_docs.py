"""Reading, editing and comparing documents as a person does."""

import io
import re
import tarfile
import time
import zipfile

import pytest
from playwright.sync_api import expect

CART = '"""Carts."""\n\nfrom store.item import Item\n\n\nclass Cart(Item):\n    """Holds items."""\n\n    def buy(self) -> int:\n        """Buy all of it."""\n        return 1\n'
FILES = {
    "README.md": "# The store\n\nSells things to people who want them badly enough.\n",
    "pyproject.toml": '[project]\nname = "store"\n',
    "store/__init__.py": '"""A store."""\n',
    "store/cart.py": CART,
    "store/item.py": '"""Items."""\n\n\nclass Item:\n    """A thing."""\n',
    "store/till/__init__.py": '"""The till."""\n\nfrom store.cart import Cart\n',
}


def pack(files):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for path, text in files.items():
            member = tarfile.TarInfo(f"store/{path}")
            member.size = len(text.encode())
            archive.addfile(member, io.BytesIO(text.encode()))
    return {"archive": ("store.tar.gz", buffer.getvalue())}


def wait_until_written(app, repository_id, run_id):
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline:
        if app.client.get(f"/api/v1/runs/{run_id}").json().get("finished_at"):
            return app.client.get(f"/api/v1/repositories/{repository_id}").json()
        time.sleep(0.1)
    raise AssertionError("the run has not ended")


@pytest.fixture(scope="module")
def store(app):
    reply = app.client.post("/api/v1/repositories", files=pack(FILES), data={"name": "store"}).raise_for_status().json()
    return wait_until_written(app, reply["repository"]["id"], reply["run"]["id"])


def index_again(app, store, **changes):
    reply = app.client.post(f"/api/v1/repositories/{store['id']}/index", files=pack(FILES | changes)).raise_for_status()
    return wait_until_written(app, store["id"], reply.json()["run"]["id"])


def address(app, store, path, language="en"):
    params = {"repository_id": store["id"], "language": language}
    items = app.client.get("/api/v1/documents", params=params).json()["items"]
    return next(f"/docs/{store['id']}/{one['id']}" for one in items if one["path"] == path)


def test_the_tree_opens_packages_and_links_lead_to_headings(visit, app, store) -> None:
    visitor = visit()
    page = visitor.enter(f"/docs/{store['id']}")
    expect(page.locator("article h1")).to_have_text("The store")
    expect(page.get_by_text("fresh", exact=True)).to_be_visible()
    page.get_by_role("treeitem", name="store", exact=True).click()
    expect(page.locator("article h1")).to_have_text("store")
    page.get_by_role("link", name="Cart", exact=True).click()
    expect(page).to_have_url(re.compile(r"#cart$"))
    expect(page.locator("#section-cart")).to_be_in_viewport()
    assert visitor.complaints == []


def test_an_edit_is_kept_shown_in_the_history_and_taken_back(visit, app, store) -> None:
    page = visit().enter(address(app, store, "store/item.py"))
    page.get_by_role("button", name="Edit").click()
    field = page.get_by_role("textbox", name="Markdown")
    field.fill(field.input_value().replace("A thing.", "A thing of beauty."))
    expect(page.get_by_label("Preview")).to_contain_text("A thing of beauty.")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("article")).to_contain_text("A thing of beauty.")
    expect(page.get_by_text("edited by hand")).to_be_visible()

    page.get_by_role("button", name="History").click()
    expect(page.locator(".diff ins")).to_have_text(["A thing of beauty."])
    page.get_by_role("listitem").filter(has_text="written from the code").get_by_role("button").click()
    page.get_by_role("button", name="Restore this state").click()
    expect(page.locator("article")).not_to_contain_text("of beauty")
    expect(page.get_by_text("edited by hand")).to_have_count(0)


def test_two_people_who_edit_at_once_do_not_undo_each_other_unseen(visit, app, store) -> None:
    path = address(app, store, "store/__init__.py")
    page = visit().enter(path)
    page.get_by_role("button", name="Edit").click()
    other = app.client.get(f"/api/v1/documents/{path.rpartition('/')[2]}").json()
    content = other["content"].replace("A store.", "A store of theirs.")
    app.client.put(f"/api/v1/documents/{other['id']}", json={"content": content}).raise_for_status()

    field = page.get_by_role("textbox", name="Markdown")
    field.fill(field.input_value().replace("A store.", "A store of mine."))
    page.get_by_role("button", name="Save").click()

    expect(page.locator(".diff ins")).to_have_text(["A store of theirs."])
    expect(field).to_have_value(re.compile("A store of mine"))
    page.get_by_role("button", name="Save over it").click()
    expect(page.locator("article")).to_contain_text("A store of mine.")


def test_a_conflict_shows_both_texts_and_is_settled(visit, app, store) -> None:
    path = address(app, store, "store/cart.py")
    document = app.client.get(f"/api/v1/documents/{path.rpartition('/')[2]}").json()
    content = document["content"].replace("Holds items.", "Holds whatever fits.")
    app.client.put(f"/api/v1/documents/{document['id']}", json={"content": content}).raise_for_status()
    index_again(app, store, **{"store/cart.py": CART.replace("Holds items.", "Holds ten items.")})

    page = visit().enter(path)
    panel = page.locator(".conflicts")
    expect(panel).to_contain_text("Holds whatever fits.")
    expect(panel).to_contain_text("Holds ten items.")
    page.get_by_role("button", name="stale: why?").click()
    expect(page.get_by_text("your edit and the code disagree")).to_be_visible()
    page.keyboard.press("Escape")
    panel.get_by_role("button", name="Take this").click()
    expect(panel).to_have_count(0)
    expect(page.locator("article").last).to_contain_text("Holds ten items.")
    expect(page.get_by_text("fresh", exact=True)).to_be_visible()


def test_pages_are_had_written_in_korean_and_exported(visit, app, store) -> None:
    page = visit(accept_downloads=True).enter(f"/docs/{store['id']}")
    page.get_by_role("radio", name="한국어").click()
    expect(page.get_by_text("영어 페이지를 보여 드립니다")).to_be_visible()
    expect(page.locator("article h1")).to_have_text("The store")
    page.get_by_role("button", name="한국어로 작성").click()
    expect(page.locator("article")).to_contain_text("전체 구조")
    page.get_by_role("button", name="Export").click()
    with page.expect_download() as download:
        page.get_by_role("menuitem", name="Markdown files (zip)").click()
    with zipfile.ZipFile(download.value.path()) as archive:
        assert "시작하기" in archive.read("index.md").decode()

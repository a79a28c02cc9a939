"""Repositories as a person meets them: adding, watching, looking into and removing one."""

import io
import tarfile

from playwright.sync_api import expect

GREETING = b'def greet(name: str) -> str:\n    """Say hello to somebody."""\n    return f"hello {name}"\n'
ENDLESS = b"numbers = [" + b"1, " * 150_000 + b"]\n"


def _archive(**files: bytes) -> dict[str, object]:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(f"greeter/{name}.py")
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return {"name": "greeter-1.2.0.tar.gz", "mimeType": "application/gzip", "buffer": buffer.getvalue()}


def test_an_archive_becomes_a_ready_repository_without_a_reload(visit) -> None:
    visitor = visit()
    page = visitor.enter("/repositories")
    page.locator("input[type=file]").first.set_input_files(_archive(greeting=GREETING))
    expect(page.get_by_label("Name of the repository")).to_have_value("greeter")
    page.get_by_role("button", name="Upload and index").click()
    row = page.get_by_role("article", name="greeter")
    expect(row).to_contain_text("Ready", timeout=60_000)
    expect(row).to_contain_text("1files")
    expect(row).to_contain_text("Python")
    row.get_by_role("link", name="greeter").click()
    page.get_by_role("treeitem", name="greeting.py").click()
    expect(page.locator(".evidence")).to_contain_text("def greet")
    expect(page.locator(".evidence .code-line.marked")).to_have_count(0)
    page.get_by_role("tab", name="Symbols").click()
    page.locator("button.symbol", has_text="greet").click()
    expect(page.locator(".evidence .code-line.marked")).to_have_count(3)
    assert visitor.complaints == []
    assert visitor.foreign == []


def test_what_is_no_archive_is_refused_before_anything_is_sent(visit) -> None:
    page = visit().enter("/repositories")
    page.locator("input[type=file]").first.set_input_files(
        {"name": "notes.pdf", "mimeType": "application/pdf", "buffer": b"x"}
    )
    expect(page.get_by_role("alert")).to_contain_text("“notes.pdf” is not an archive")


def test_an_address_that_is_none_is_refused_in_a_sentence_with_a_way_on(visit) -> None:
    page = visit().enter("/repositories")
    page.get_by_label("Git URL").fill("file:///etc/passwd")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.get_by_label("Git URL")).to_have_value("file:///etc/passwd")


def test_files_that_were_set_aside_are_listed_with_their_reason(visit, app) -> None:
    archive = _archive(greeting=GREETING, endless=ENDLESS)
    files = {"archive": (archive["name"], archive["buffer"])}
    reply = app.client.post("/api/v1/repositories", files=files, data={"name": "half"}).raise_for_status().json()
    page = visit().enter("/repositories")
    row = page.get_by_role("article", name="half")
    expect(row).to_contain_text("Ready", timeout=60_000)
    page.goto(f"{app.url}/repositories/{reply['repository']['id']}?tab=ledger")
    listed = page.get_by_role("listitem").filter(has_text="endless.py")
    expect(listed).to_contain_text("A line is longer than the limit")
    expect(page.get_by_role("button", name="Quarantined")).to_have_attribute("aria-pressed", "true")


def test_a_repository_goes_after_a_question(visit, app) -> None:
    archive = _archive(farewell=GREETING)
    files = {"archive": (archive["name"], archive["buffer"])}
    app.client.post("/api/v1/repositories", files=files, data={"name": "farewell"}).raise_for_status()
    page = visit().enter("/repositories")
    row = page.get_by_role("article", name="farewell")
    expect(row).to_contain_text("Ready", timeout=60_000)
    row.get_by_role("button", name="Actions for farewell").click()
    page.get_by_text("Remove", exact=True).click()
    page.get_by_role("alertdialog").get_by_role("button", name="Remove").click()
    expect(row).to_have_count(0, timeout=60_000)


CART = b'"""Carts."""\n\n\ndef buy(item: str) -> str:\n    return item\n'
TILL = b'"""The till."""\nfrom cart import buy\n\n\ndef pay(item: str) -> str:\n    return buy(item)\n'
COVERED = "SF:cart.py\nDA:4,1\nDA:5,0\nend_of_record\n"


def test_what_a_change_may_break_and_what_tests_do_not_run_are_shown(visit, app) -> None:
    files = {"archive": ("greeter.tar.gz", _archive(cart=CART, till=TILL)["buffer"])}
    reply = app.client.post("/api/v1/repositories", files=files, data={"name": "impact"}).raise_for_status().json()
    repository = reply["repository"]["id"]
    visitor = visit()
    page = visitor.enter(f"/repositories/{repository}")
    expect(page.get_by_role("tab", name="Problems")).to_be_visible()
    expect(page.locator("body")).to_contain_text("Ready", timeout=60_000)

    page.get_by_role("tab", name="Impact").click()
    page.get_by_label("Class, function or method").fill("buy")
    page.get_by_role("option", name="buy").first.click()
    expect(page.locator("button.node", has_text="pay")).to_contain_text("till.py:5")
    page.get_by_role("button", name="What it needs").click()
    expect(page.locator("body")).to_contain_text("It uses nothing of this repository")

    commit = app.client.get(f"/api/v1/repositories/{repository}").json()["commit"]
    app.client.post(
        f"/api/v1/repositories/{repository}/coverage", params={"commit": commit}, content=COVERED
    ).raise_for_status()
    page.get_by_role("tab", name="Coverage").click()
    expect(page.locator("body")).to_contain_text("Tests run 50% of the lines.")
    page.locator("button.file", has_text="cart.py").click()
    expect(page.locator("li ul button", has_text="buy")).to_be_visible()
    page.get_by_role("tab", name="Hot spots").click()
    expect(page.locator("body")).to_contain_text("No history here")
    assert visitor.complaints == []
    assert visitor.foreign == []

import io
import json
import re
import zipfile

import pytest
from docgen_stage import speaking
from document_steps import FILES, generate, listed, read


async def edit(docgen, path, change, **body):
    page = await read(docgen, path)
    content = change(page["content"])
    return await docgen.call("PUT", f"/documents/{page['id']}?author=Mina", json={"content": content, **body})


def section(page, key):
    return next(one for one in page["sections"] if one["key"] == key)


async def test_an_edit_stays_and_takes_in_what_changes_elsewhere(docgen):
    await generate(docgen)
    edited = await edit(docgen, "shop/cart.py", lambda text: text.replace("Buys.", "Buys.\n\nNever on Sundays."))
    assert edited["metadata"]["edited"]

    moved = FILES["shop/cart.py"].replace("import shop.item", "import shop.item\nimport os")
    await generate(docgen, FILES | {"shop/cart.py": moved})

    page = await read(docgen, "shop/cart.py")
    assert "Never on Sundays." in page["content"]
    assert "`shop/cart.py:6-7`" in page["content"]
    assert not page["metadata"]["stale"]


async def test_where_edit_and_code_disagree_both_are_kept_until_a_person_decides(docgen):
    await generate(docgen)
    await edit(docgen, "shop/cart.py", lambda text: text.replace("\nBuys.\n", "\nBuys everything.\n"))
    changed = FILES | {"shop/cart.py": FILES["shop/cart.py"].replace("Buys.", "Buys one thing.")}

    assert (await generate(docgen, changed))["conflicts"] == 1

    page = await read(docgen, "shop/cart.py")
    conflict = section(page, "symbol:buy")
    assert "Buys everything." in conflict["text"]
    assert "Buys one thing." in conflict["generated"]
    assert conflict["is_conflicting"]
    assert page["metadata"]["stale"]
    assert (await generate(docgen, changed))["conflicts"] == 0
    assert (await read(docgen, "shop/cart.py"))["metadata"]["stale"]


@pytest.mark.parametrize(("keep", "wins"), [("edit", "Buys everything."), ("generated", "Buys one thing.")])
async def test_a_conflict_is_settled_one_way_or_the_other(docgen, keep, wins):
    await generate(docgen)
    await edit(docgen, "shop/cart.py", lambda text: text.replace("\nBuys.\n", "\nBuys everything.\n"))
    await generate(docgen, FILES | {"shop/cart.py": FILES["shop/cart.py"].replace("Buys.", "Buys one thing.")})
    identifier = (await listed(docgen))["shop/cart.py"]["id"]

    body = {"section": "symbol:buy", "keep": keep}
    settled = await docgen.call("POST", f"/documents/{identifier}/resolve", json=body)

    assert wins in settled["content"]
    assert not settled["metadata"]["stale"]
    again = {"section": "nothing", "keep": keep}
    assert await docgen.refused("POST", f"/documents/{identifier}/resolve", json=again) == "section_not_found"


async def test_a_page_rewritten_from_scratch_is_never_lost(docgen):
    await generate(docgen)
    await edit(docgen, "shop/item.py", lambda _: "Mine.", title="Items")

    await generate(docgen, FILES | {"shop/item.py": "class Item:\n    price = 1\n"})
    kept = await read(docgen, "shop/item.py")
    assert kept["content"].startswith("Mine.\n")
    assert kept["title"] == "Items"

    without = {path: text for path, text in FILES.items() if path != "shop/item.py"}
    assert (await generate(docgen, without))["removed"] == 0
    orphan = await read(docgen, "shop/item.py")
    assert orphan["content"].startswith("Mine.\n")
    assert orphan["metadata"]["stale"]


async def test_text_about_a_removed_definition_stays_with_the_page(docgen):
    await generate(docgen)
    await edit(docgen, "shop/cart.py", lambda text: text.replace("Buys.", "Buys, as agreed in 2019."))

    await generate(docgen, FILES | {"shop/cart.py": '"""Carts."""\nimport shop.item\n'})

    page = await read(docgen, "shop/cart.py")
    assert "as agreed in 2019" in page["content"]
    assert section(page, "symbol:buy")["is_conflicting"]


async def test_an_edit_of_an_old_revision_is_refused(docgen):
    await generate(docgen)
    first = await edit(docgen, "shop/cart.py", lambda text: text + "\nOne.\n", revision=1)
    assert first["metadata"]["revision"] == 2

    body = {"content": "Other.", "revision": 1}
    assert await docgen.refused("PUT", f"/documents/{first['id']}", json=body) == "document_changed"


async def test_history_tells_who_changed_what_and_any_state_comes_back(docgen):
    await generate(docgen)
    original = await read(docgen, "shop/cart.py")
    await edit(docgen, "shop/cart.py", lambda text: text.replace("Carts.", "Carts and baskets."))
    path = f"/documents/{original['id']}"

    history = (await docgen.call("GET", f"{path}/history"))["items"]
    assert [(one["revision"], one["origin"], one["author"]) for one in history] == [
        (2, "edited", "Mina"), (1, "generated", ""),
    ]  # fmt: skip
    assert (await docgen.call("GET", f"{path}/history/1"))["content"] == original["content"]
    diff = (await docgen.call("GET", f"{path}/diff?from=1&to=2"))["lines"]
    assert {"kind": "removed", "text": "Carts."} in diff
    assert {"kind": "added", "text": "Carts and baskets."} in diff

    restored = await docgen.call("POST", f"{path}/restore", json={"revision": 1})
    assert restored["content"] == original["content"]
    assert restored["metadata"] | {"edited": False, "revision": 3} == restored["metadata"]
    assert await docgen.refused("GET", f"{path}/history/9") == "revision_not_found"


async def test_a_new_commit_makes_history_too(docgen):
    await generate(docgen)
    await generate(docgen, FILES | {"shop/item.py": 'class Item:\n    """A thing."""\n'})

    identifier = (await listed(docgen))["shop/item.py"]["id"]
    history = (await docgen.call("GET", f"/documents/{identifier}/history"))["items"]
    assert [one["revision"] for one in history] == [2, 1]
    assert history[0]["commit"] != history[1]["commit"]


async def test_a_document_says_whether_it_is_fresh_and_why_not(docgen):
    snapshot = (await generate(docgen))["snapshot_id"]
    assert (await read(docgen, "shop/cart.py", snapshot_id=snapshot))["freshness"]["state"] == "fresh"

    changed = FILES | {"shop/cart.py": FILES["shop/cart.py"].replace("def buy() -> None:", "def buy(now) -> None:")}
    later = (await docgen.analysed(changed))["id"]
    freshness = (await read(docgen, "shop/cart.py", snapshot_id=later))["freshness"]
    assert freshness["state"] == "stale"
    assert {(one["section"], one["reason"]) for one in freshness["reasons"]} == {
        ("about", "changed"), ("symbol:buy", "changed"), ("relations", "changed"),
    }  # fmt: skip

    moved = (await docgen.analysed(FILES | {"shop/cart.py": "\n\n" + FILES["shop/cart.py"]}))["id"]
    reasons = (await read(docgen, "shop/cart.py", snapshot_id=moved))["freshness"]["reasons"]
    assert {one["reason"] for one in reasons if one["section"] == "symbol:buy"} == {"moved"}
    gone = (await docgen.analysed({"README.md": FILES["README.md"]}))["id"]
    reasons = (await read(docgen, "shop/cart.py", snapshot_id=gone))["freshness"]["reasons"]
    assert {one["reason"] for one in reasons} == {"gone"}


async def exported(docgen, **params):
    response = await docgen.client.get("/api/v1/documents/export", params={"repository_id": "r1", **params})
    assert response.status_code == 200, response.text
    return response.content


def unzip(data):
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name).decode("utf-8", "replace") for name in archive.namelist()}


async def test_the_markdown_export_links_from_file_to_file_and_is_repeatable(docgen):
    await generate(docgen)
    data = await exported(docgen)
    files = unzip(data)

    assert sorted(files) == ["index.md", "shop/__init__.py.md", "shop/cart.py.md", "shop/index.md", "shop/item.py.md"]
    assert files["shop/item.py.md"].startswith("<!-- @generated")
    assert "[`shop/cart.py`](cart.py.md)" in files["shop/item.py.md"]
    assert "[`shop`](shop/index.md)" in files["index.md"]
    assert data == await exported(docgen)


async def test_the_json_export_has_every_page_with_its_sections(docgen):
    await generate(docgen)
    pages = json.loads(await exported(docgen, format="json"))["pages"]

    assert {page["file"] for page in pages} >= {"index.md", "shop/cart.py.md"}
    assert all(page["sections"] for page in pages)


async def test_the_site_is_a_site_and_needs_no_other(settings, tmp_path):
    script = tmp_path / "mermaid.min.js"
    script.write_text("window.mermaid = {}")
    async with speaking(settings.model_copy(update={"mermaid_script": script})) as docgen:
        await generate(docgen)
        files = unzip(await exported(docgen, format="site"))

    assert "The shop" in files["index.html"]
    assert 'href="cart.py.html"' in files["shop/item.py.html"]
    assert files["assets/mermaid/mermaid.min.js"] == "window.mermaid = {}"
    assert 'src="../assets/mermaid/mermaid.min.js"' in files["shop/item.py.html"]
    asked = {
        address
        for text in files.values()
        for address in re.findall(r'<(?:script|link)[^>]*(?:src|href)="(https?:[^"]*)"', text)
    }
    assert asked == set()
    assert "README-page.html" in files

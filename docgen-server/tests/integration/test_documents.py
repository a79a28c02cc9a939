import pytest

FILES = {
    "shop/__init__.py": '"""A shop."""\n',
    "shop/cart.py": '"""Carts."""\nimport shop.item\n\n\ndef buy() -> None:\n    """Buys."""\n',
    "shop/item.py": "class Item:\n    pass\n",
    "README.md": "# The shop\n\nSells things to people who want them badly.\n",
    "docs/guide.rst": "Guide\n=====\n\nUse :func:`buy`.\n",
}


async def generate(docgen, files=FILES, **body):
    snapshot = await docgen.analysed(files)
    return await docgen.call("POST", "/documents/generate", json={"snapshot_id": snapshot["id"], **body})


async def listed(docgen, **params):
    page = await docgen.call("GET", "/documents", params={"repository_id": "r1", **params})
    return {document["path"]: document for document in page["items"]}


async def read(docgen, path):
    return await docgen.call("GET", f"/documents/{(await listed(docgen))[path]['id']}")


async def test_every_module_every_page_and_the_whole_get_a_document(docgen):
    reply = await generate(docgen)
    documents = await listed(docgen)

    assert reply == {"rendered": 6, "unchanged": 0, "removed": 0}
    assert list(documents) == ["/", "README.md", "docs/guide.rst", "shop/__init__.py", "shop/cart.py", "shop/item.py"]
    assert [document["kind"] for document in documents.values()] == ["overview", "page", "page", *["module"] * 3]
    assert documents["/"]["title"] == "The shop"
    assert (await read(docgen, "docs/guide.rst"))["content"] == "# Guide\n\nUse `buy`.\n"
    assert (await read(docgen, "README.md"))["content"] == FILES["README.md"]
    assert "`shop/cart.py:5-6`" in (await read(docgen, "shop/cart.py"))["content"]
    assert "## Imported by\n\n- `shop/cart.py`" in (await read(docgen, "shop/item.py"))["content"]


async def test_only_what_changed_is_rendered_again(docgen):
    await generate(docgen)

    assert await generate(docgen) == {"rendered": 0, "unchanged": 6, "removed": 0}
    changed = FILES | {"README.md": "# The shop\n\nSells nothing to anybody any more, sadly.\n"}
    assert await generate(docgen, changed) == {"rendered": 2, "unchanged": 4, "removed": 0}


async def test_a_new_importer_changes_the_page_of_what_it_imports(docgen):
    await generate(docgen)

    reply = await generate(docgen, FILES | {"main.py": "import shop.item\n"})

    assert reply["rendered"] == 3
    assert "`main.py`" in (await read(docgen, "shop/item.py"))["content"]


async def test_some_paths_can_be_rendered_alone(docgen):
    assert await generate(docgen, paths=["shop/cart.py"]) == {"rendered": 1, "unchanged": 0, "removed": 0}
    assert list(await listed(docgen)) == ["shop/cart.py"]


async def test_documents_whose_source_is_gone_are_removed(docgen):
    await generate(docgen)
    without = {path: text for path, text in FILES.items() if path != "docs/guide.rst"}

    assert (await generate(docgen, without))["removed"] == 1
    assert "docs/guide.rst" not in await listed(docgen)


async def test_what_a_person_wrote_is_kept_and_marked_when_its_source_changes(docgen):
    await generate(docgen)
    identifier = (await listed(docgen))["shop/item.py"]["id"]
    edited = await docgen.call("PUT", f"/documents/{identifier}", json={"content": "Mine.", "title": "Items"})
    assert edited["metadata"] | {"edited": True, "stale": False} == edited["metadata"]
    assert edited["updated_at"] >= edited["created_at"]

    await generate(docgen, FILES | {"shop/item.py": "class Item:\n    price = 1\n"})

    kept = await docgen.call("GET", f"/documents/{identifier}")
    assert (kept["content"], kept["title"]) == ("Mine.", "Items")
    assert kept["metadata"]["stale"]
    without = {path: text for path, text in FILES.items() if path != "shop/item.py"}
    assert (await generate(docgen, without))["removed"] == 0
    assert (await docgen.call("GET", f"/documents/{identifier}"))["content"] == "Mine."


async def test_a_deleted_document_stays_away_until_its_source_changes(docgen):
    await generate(docgen)
    identifier = (await listed(docgen))["README.md"]["id"]

    await docgen.call("DELETE", f"/documents/{identifier}")
    await generate(docgen)

    assert "README.md" not in await listed(docgen)
    assert await docgen.refused("GET", f"/documents/{identifier}") == "document_not_found"
    assert await docgen.refused("DELETE", f"/documents/{identifier}") == "document_not_found"
    await generate(docgen, FILES | {"README.md": "# New\n"})
    assert "README.md" in await listed(docgen)


async def test_documents_are_searched_and_paged(docgen):
    await generate(docgen)

    assert list(await listed(docgen, query="GUIDE")) == ["docs/guide.rst"]
    first = await docgen.call("GET", "/documents?repository_id=r1&limit=4")
    second = await docgen.call("GET", f"/documents?repository_id=r1&limit=4&cursor={first['next_cursor']}")
    assert [len(first["items"]), len(second["items"]), second["next_cursor"]] == [4, 2, None]


@pytest.mark.parametrize(
    ("body", "status"), [({}, 422), ({"title": ""}, 422), ({"id": "x"}, 422), ({"content": "\0kept"}, 422)]
)
async def test_an_update_must_change_something(docgen, body, status):
    await generate(docgen)
    identifier = (await listed(docgen))["/"]["id"]

    await docgen.call("PUT", f"/documents/{identifier}", status, json=body)


async def test_unknown_documents_are_not_found(docgen):
    assert await docgen.refused("GET", "/documents/nothing") == "document_not_found"
    assert await docgen.refused("PUT", "/documents/nothing", json={"title": "x"}) == "document_not_found"
    assert await docgen.refused("POST", "/documents/generate", json={"snapshot_id": "x"}) == "snapshot_not_found"

import pytest
from document_steps import FILES, counts, generate, listed, read


async def test_every_module_every_package_every_page_and_the_whole_get_a_document(docgen):
    assert await counts(docgen) == (7, 0, 0)
    documents = await listed(docgen)

    assert {path: document["kind"] for path, document in documents.items()} == {
        "/": "overview", "README.md": "page", "docs/guide.rst": "page", "shop/": "package", "shop/__init__.py": "module",
        "shop/cart.py": "module", "shop/item.py": "module",
    }  # fmt: skip
    assert documents["/"]["title"] == "The shop"
    assert (await read(docgen, "docs/guide.rst"))["content"] == "# Guide\n\nUse `buy`.\n"
    assert (await read(docgen, "README.md"))["content"] == FILES["README.md"]
    assert "`shop/cart.py:5-6`" in (await read(docgen, "shop/cart.py"))["content"]
    assert "Imported by: [`shop/cart.py`](/shop/cart.py)" in (await read(docgen, "shop/item.py"))["content"]
    assert "[`buy`](/shop/cart.py#buy)" in (await read(docgen, "shop/"))["content"]


async def test_only_what_changed_is_rendered_again(docgen):
    await generate(docgen)

    assert await counts(docgen) == (0, 7, 0)
    changed = FILES | {"README.md": "# The shop\n\nSells nothing to anybody any more, sadly.\n"}
    assert await counts(docgen, changed) == (2, 5, 0)


async def test_of_a_changed_page_only_the_changed_section_is_rendered(docgen):
    await generate(docgen)

    reply = await generate(docgen, FILES | {"shop/item.py": "class Item:\n    ...\n"})
    assert reply["sections_rendered"] == 0
    reply = await generate(docgen, FILES | {"shop/item.py": 'class Item:\n    """A thing."""\n'})
    assert 0 < reply["sections_rendered"] < 6


async def test_a_new_importer_changes_the_page_of_what_it_imports(docgen):
    await generate(docgen)

    await generate(docgen, FILES | {"main.py": "import shop.item\n"})

    assert "(/main.py)" in (await read(docgen, "shop/item.py"))["content"]


async def test_some_paths_can_be_rendered_alone(docgen):
    assert await counts(docgen, paths=["shop/cart.py"]) == (1, 0, 0)
    assert list(await listed(docgen)) == ["shop/cart.py"]


async def test_documents_whose_source_is_gone_are_removed(docgen):
    await generate(docgen)
    without = {path: text for path, text in FILES.items() if path != "docs/guide.rst"}

    assert (await generate(docgen, without))["removed"] == 1
    assert "docs/guide.rst" not in await listed(docgen)


async def test_pages_are_written_in_korean_when_asked_and_kept_up_to_date_from_then_on(docgen):
    await generate(docgen)

    assert (await generate(docgen, language="ko"))["rendered"] == 5
    assert "가져다 쓰는 모듈: [`shop/cart.py`]" in (await read(docgen, "shop/item.py", language="ko"))["content"]
    await generate(docgen, FILES | {"shop/item.py": 'class Item:\n    """A thing."""\n'})
    for language in ("en", "ko"):
        assert "A thing." in (await read(docgen, "shop/item.py", language=language))["content"]


async def test_a_repository_chooses_the_language_of_its_pages(docgen):
    await generate(docgen, FILES | {".codemuse.toml": '[documents]\nlanguages = ["ko"]\n'})

    assert "/" in await listed(docgen, language="ko")
    assert list(await listed(docgen)) == ["README.md", "docs/guide.rst"]


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
    assert [len(first["items"]), len(second["items"]), second["next_cursor"]] == [4, 3, None]


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
    assert await docgen.refused("GET", "/documents/export", params={"repository_id": "r9"}) == "no_documents"


BROKEN = "{% block about %}{{ nothing.here }}{% endblock %}"
ENDLESS = (
    "{% block about %}{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}x{% endblock %}"
)
ESCAPING = "{% block about %}{{ ''.__class__.__mro__[1].__subclasses__() }}{% endblock %}"


async def test_a_team_writes_single_sections_its_own_way(docgen):
    own = "{% block about %}# The file {{ path }}\n\nOurs.{{ super() }}{% endblock %}"

    await generate(docgen, FILES | {".codemuse/templates/module.md.j2": own})

    content = (await read(docgen, "shop/cart.py"))["content"]
    assert content.startswith("# The file shop/cart.py\n\nOurs.# shop/cart.py\n\nCarts.")
    assert "## `buy`" in content


@pytest.mark.parametrize("template", [BROKEN, ENDLESS, ESCAPING, "{% block about %}"])
async def test_a_template_that_fails_is_named_on_the_page_and_not_used(docgen, template):
    await generate(docgen, FILES | {".codemuse/templates/module.md.j2": template}, paths=["shop/cart.py"])

    page = await read(docgen, "shop/cart.py")
    assert page["content"].startswith("# shop/cart.py\n\nCarts.")
    assert page["metadata"]["template_error"]

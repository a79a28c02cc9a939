import json

FILES = {
    "shop/__init__.py": '"""A shop."""\n',
    "shop/cart.py": '"""Carts."""\nfrom shop.item import Item\n\n\ndef buy_item(item: Item) -> None:\n    """Buys."""\n    return None\n',
    "shop/item.py": "import shop.cart\nimport requests\n\n\nclass HttpServer:\n    def buy(self, a=[]):\n        return SOME_SETTING\n",
    "README.md": "# Shop\n\nSells things to people who want them badly.\n",
    "bad.py": "def broken(:\n",
    "node_modules/x.js": "let a\n",
}


async def test_outcomes_come_in_the_order_asked(docgen):
    snapshot = await docgen.snapshot(FILES)
    paths = ["shop/item.py", "bad.py", "node_modules/x.js", "README.md"]

    reply = await docgen.call("POST", f"/snapshots/{snapshot['id']}/analyse", json={"paths": paths})

    assert [file["path"] for file in reply["files"]] == paths
    item, bad, vendored, _ = reply["files"]
    assert (item["status"], item["symbol_count"], item["line_count"]) == ("analysed", 2, 7)
    assert bad["warnings"] == ["syntax_error: line 1"]
    assert (vendored["status"], vendored["reason"]) == ("quarantined", "vendored")


async def test_asking_again_gives_the_same_and_only_new_content_is_parsed(docgen):
    first = await docgen.analysed(FILES)
    paths = {"paths": ["shop/cart.py", "shop/item.py"]}
    before = await docgen.call("POST", f"/snapshots/{first['id']}/analyse", json=paths)
    second = await docgen.snapshot(FILES | {"shop/item.py": "x = 1\n"})

    chunks = await docgen.call("POST", f"/snapshots/{second['id']}/chunks", json=paths)
    after = await docgen.call("POST", f"/snapshots/{second['id']}/analyse", json=paths)

    assert {chunk["path"] for chunk in chunks["chunks"]} == {"shop/cart.py"}
    assert after["files"][0] == before["files"][0]
    assert after["files"][1]["line_count"] == 1


async def test_chunks_are_exactly_the_lines_they_name(docgen):
    snapshot = await docgen.analysed(FILES)
    paths = {"paths": ["shop/item.py", "shop/cart.py", "node_modules/x.js"]}

    chunks = (await docgen.call("POST", f"/snapshots/{snapshot['id']}/chunks", json=paths))["chunks"]

    assert [chunk["path"] for chunk in chunks] == ["shop/cart.py", "shop/item.py"]
    assert chunks[0]["defines"] == ["buy_item"]
    for chunk in chunks:
        params = {"path": chunk["path"], "start": chunk["start_line"], "end": chunk["end_line"]}
        source = await docgen.call("GET", f"/snapshots/{snapshot['id']}/source", params=params)
        assert source["text"] == chunk["text"]


async def test_a_path_that_is_not_there_is_refused(docgen):
    snapshot = await docgen.snapshot(FILES)

    for what in ("analyse", "chunks"):
        body = {"paths": ["nothing.py"]}
        assert await docgen.refused("POST", f"/snapshots/{snapshot['id']}/{what}", json=body) == "path_not_found"


async def search(docgen, snapshot, **params):
    page = await docgen.call("GET", f"/snapshots/{snapshot['id']}/symbols", params=params)
    return [symbol["qualified_name"] for symbol in page["items"]]


async def test_symbols_are_found_by_name_beginning_part_and_initials(docgen):
    snapshot = await docgen.analysed(FILES)

    assert await search(docgen, snapshot, query="buy") == ["HttpServer.buy", "buy_item"]
    assert await search(docgen, snapshot, query="hs") == ["HttpServer"]
    assert await search(docgen, snapshot, query="HttpServer.buy") == ["HttpServer.buy"]
    assert await search(docgen, snapshot, query="%") == []
    assert await search(docgen, snapshot, path="shop", kind="class") == ["HttpServer"]
    assert "broken" not in await search(docgen, snapshot, path="shop")


async def test_symbols_are_paged(docgen):
    snapshot = await docgen.analysed(FILES)
    names, cursor = [], ""
    while cursor is not None:
        page = await docgen.call("GET", f"/snapshots/{snapshot['id']}/symbols?limit=1&cursor={cursor}")
        names += [symbol["name"] for symbol in page["items"]]
        cursor = page["next_cursor"]

    assert names[-3:] == ["buy_item", "HttpServer", "buy"]


async def test_names_are_known_when_all_their_parts_stand_in_the_code(docgen):
    snapshot = await docgen.analysed(FILES)
    names = ["buy_item", "HttpServer.buy()", "HttpServer.sell", "SOME_SETTING", "frobnicate", "?"]

    reply = await docgen.call("POST", f"/snapshots/{snapshot['id']}/names", json={"names": names})

    assert reply == {
        "known": ["buy_item", "HttpServer.buy()", "SOME_SETTING"],
        "unknown": ["HttpServer.sell", "frobnicate", "?"],
    }
    nothing = await docgen.call("POST", f"/snapshots/{snapshot['id']}/names", json={"names": []})
    assert nothing == {"known": [], "unknown": []}


async def test_the_graph_shows_files_packages_and_what_comes_from_outside(docgen):
    snapshot = await docgen.analysed(FILES | {"main.py": "import shop.cart\n"})

    files = await docgen.call("GET", f"/snapshots/{snapshot['id']}/graph?level=file")
    packages = await docgen.call("GET", f"/snapshots/{snapshot['id']}/graph")

    edges = {(edge["source"], edge["target"]) for edge in files["edges"]}
    assert ("main.py", "shop/cart.py") in edges
    assert ("shop/item.py", "external:requests") in edges
    assert {node["kind"] for node in files["nodes"]} == {"file", "external"}
    assert {(edge["source"], edge["target"]) for edge in packages["edges"]} == {
        ("/", "shop"),
        ("shop", "external:requests"),
    }


async def test_a_focus_shows_its_neighbours_only(docgen):
    snapshot = await docgen.analysed(FILES | {"main.py": "import shop.cart\n"})
    graph = f"/snapshots/{snapshot['id']}/graph"

    around = await docgen.call("GET", f"{graph}?level=file&focus=main.py")
    folder = await docgen.call("GET", f"{graph}?level=file&focus=shop/")

    assert {node["id"] for node in around["nodes"]} == {"main.py", "shop/cart.py"}
    assert "external:requests" in {node["id"] for node in folder["nodes"]}
    assert await docgen.refused("GET", f"{graph}?focus=nothing") == "path_not_found"


async def test_problems_are_listed_counted_and_filtered(docgen):
    snapshot = await docgen.analysed(FILES)
    problems = f"/snapshots/{snapshot['id']}/problems"

    page = await docgen.call("GET", problems)

    assert page["counts"] == {"import-cycle": 1, "mutable-default": 1, "syntax-error": 1}
    assert [item["rule"] for item in page["items"]] == ["import-cycle", "syntax-error", "mutable-default"]
    assert "shop/cart.py → shop/item.py → shop/cart.py" in page["items"][0]["message"]
    only = await docgen.call("GET", f"{problems}?path=shop&severity=warning&rule=mutable-default")
    assert [(item["path"], item["start_line"]) for item in only["items"]] == [("shop/item.py", 6)]


async def test_problems_are_paged_without_loss(docgen):
    snapshot = await docgen.analysed(FILES)
    rules, cursor = [], ""
    while cursor is not None:
        page = await docgen.call("GET", f"/snapshots/{snapshot['id']}/problems?limit=1&cursor={cursor}")
        rules += [item["rule"] for item in page["items"]]
        cursor = page["next_cursor"]

    assert rules == ["import-cycle", "syntax-error", "mutable-default"]


async def test_the_symbol_graph_answers_callers_callees_and_what_breaks(docgen):
    files = {
        "README.md": "# Shop\n",
        "shop/a.py": "from shop.b import middle\n\n\ndef top():\n    middle()\n",
        "shop/b.py": "from shop.c import bottom\n\n\ndef middle():\n    bottom()\n",
        "shop/c.py": "def bottom():\n    pass\n",
    }
    graph = f"/snapshots/{(await docgen.analysed(files))['id']}/graph?level=symbol"

    impact = await docgen.call("GET", f"{graph}&focus=shop/c.py:bottom&direction=dependents&depth=10")
    callees = await docgen.call("GET", f"{graph}&focus=top&direction=dependencies")

    assert {node["id"]: node["distance"] for node in impact["nodes"]} == {
        "shop/c.py:bottom": 0,
        "shop/b.py:middle": 1,
        "shop/a.py:top": 2,
    }
    assert [(edge["source"], edge["kind"], edge["target"], edge["line"]) for edge in callees["edges"]] == [
        ("shop/a.py:top", "calls", "shop/b.py:middle", 5)
    ]
    assert await docgen.refused("GET", f"{graph}&focus=nothing") == "path_not_found"
    assert await docgen.refused("GET", graph) == "focus_missing"


async def test_the_symbol_graph_of_an_older_state_is_not_served_after_more_was_analysed(docgen):
    files = {"a.py": "import b\nb.f()\n", "b.py": "def f(): ...\n"}
    snapshot = await docgen.snapshot(files)
    analyse, graph = f"/snapshots/{snapshot['id']}/analyse", f"/snapshots/{snapshot['id']}/graph?level=symbol&focus=f"
    await docgen.call("POST", analyse, json={"paths": ["b.py"]})
    before = await docgen.call("GET", graph)
    await docgen.call("POST", analyse, json={"paths": ["a.py"]})
    after = await docgen.call("GET", graph)

    assert (len(before["nodes"]), len(after["nodes"])) == (1, 2)


async def test_only_dependents_are_shown_when_asked(docgen):
    snapshot = await docgen.analysed({"a.py": "import b\n", "b.py": "import c\n", "c.py": ""})

    graph = await docgen.call(
        "GET", f"/snapshots/{snapshot['id']}/graph?level=file&focus=b.py&direction=dependents&depth=5"
    )

    assert {node["id"] for node in graph["nodes"]} == {"a.py", "b.py"}


async def test_outcomes_are_streamed_one_a_line_when_asked(docgen):
    snapshot = await docgen.snapshot(FILES)
    path = f"/api/v1/snapshots/{snapshot['id']}/analyse"
    headers = {"Accept": "application/x-ndjson"}
    paths = ["shop/item.py", "bad.py", "node_modules/x.js"]

    reply = await docgen.client.post(path, json={"paths": paths}, headers=headers)
    refused = await docgen.client.post(path, json={"paths": ["no.py"]}, headers=headers)

    assert reply.headers["content-type"] == "application/x-ndjson"
    assert [json.loads(line)["path"] for line in reply.text.splitlines()] == paths
    assert (refused.status_code, refused.json()["error"]) == (404, "path_not_found")


async def test_packages_from_outside_carry_the_version_that_is_asked_for(docgen):
    files = {"requirements.txt": "requests>=2,<3\n", "src/a.py": "import requests\nimport yaml\n"}
    graph = await docgen.call("GET", f"/snapshots/{(await docgen.analysed(files))['id']}/graph?level=file")

    versions = {node["label"]: node["version"] for node in graph["nodes"] if node["kind"] == "external"}
    assert versions == {"requests": ">=2,<3", "yaml": None}


async def test_the_next_snapshot_shows_what_changed_and_keeps_what_did_not(docgen):
    files = {
        "README.md": "# R\n",
        "a.py": "import b\nb.f()\n",
        "b.py": "import c\n\n\ndef f():\n    c.g()\n",
        "c.py": "def g(): ...\n",
    }
    graph = "/snapshots/{}/graph?level=symbol&focus=c.py:g&direction=dependents&depth=9"
    first = await docgen.call("GET", graph.format((await docgen.analysed(files))["id"]))
    changed = files | {"b.py": "def f(): ...\n"}
    second = await docgen.call("GET", graph.format((await docgen.analysed(changed))["id"]))

    assert {node["id"] for node in first["nodes"]} == {"c.py:g", "b.py:f", "a.py"}
    assert {node["id"] for node in second["nodes"]} == {"c.py:g"}

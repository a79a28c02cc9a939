"""Pairs of words and code, drawn from a real analysis and a real history."""

SHOP = '''"""The shop."""


def place_order(customer, items):
    """Store an order of a customer and return its number.

    Nothing is charged yet.
    """
    return len(items)


def cancel_order(number):
    """Take an order back while nothing was sent."""
    return number


def everywhere():
    return 1
'''
TESTS = """from shop.orders import cancel_order, everywhere, place_order


# Orders are numbered.
def test_an_order_of_a_customer_gets_its_number():
    everywhere()
    assert place_order("a", [1]) == 1


def test_order_can_be_taken_back_before_sending():
    everywhere()
    assert cancel_order(3) == 3


def test_x():
    everywhere()
    assert place_order("b", []) == 0


def test_one_more_of_these_that_calls_everything():
    everywhere()
"""
FILES = {"shop/orders.py": SHOP, "tests/test_orders.py": TESTS, "shop/__init__.py": ""}


def lines_of(place):
    return place["path"], place["start_line"], place["end_line"]


async def pairs(docgen, snapshot, kind, **query):
    options = "".join(f"&{name}={value}" for name, value in query.items())
    return await docgen.call("GET", f"/snapshots/{snapshot['id']}/pairs?kind={kind}{options}")


async def test_doc_comments_ask_for_their_definition_and_are_hidden(docgen):
    snapshot = await docgen.analysed(FILES)
    found = await pairs(docgen, snapshot, "docs")
    by_text = {item["text"]: item for item in found["items"]}
    item = by_text["Store an order of a customer and return its number."]
    assert [lines_of(place) for place in item["targets"]] == [("shop/orders.py", 4, 9)]
    assert [lines_of(place) for place in item["hidden"]] == [("shop/orders.py", 5, 7)]
    assert found["candidates"] == len(found["items"]) == 2


async def test_tests_ask_for_what_only_they_call_and_are_hidden(docgen):
    snapshot = await docgen.analysed(FILES)
    found = await pairs(docgen, snapshot, "tests")
    by_text = {item["text"]: item for item in found["items"]}
    item = by_text["an order of a customer gets its number"]
    assert [lines_of(place) for place in item["targets"]] == [("shop/orders.py", 4, 9)]
    assert [lines_of(place) for place in item["hidden"]] == [("tests/test_orders.py", 4, 7)]
    assert by_text.keys() == {"an order of a customer gets its number", "order can be taken back before sending"}


async def test_symbols_ask_for_their_definition(docgen):
    snapshot = await docgen.analysed(FILES)
    found = await pairs(docgen, snapshot, "symbols")
    assert {item["text"] for item in found["items"]} == {"place_order", "cancel_order", "everywhere"}
    assert all(item["hidden"] == [] for item in found["items"])


async def test_a_seed_draws_the_same_sample_each_time(docgen):
    snapshot = await docgen.analysed({f"m{n}.py": f"def function_{n}():\n    return {n}\n" for n in range(20)})
    draws = [
        [item["text"] for item in (await pairs(docgen, snapshot, "symbols", limit=5, seed=seed))["items"]]
        for seed in "aab"
    ]
    assert draws[0] == draws[1] != draws[2]
    assert len(draws[0]) == 5


async def test_commits_ask_for_the_files_they_changed(docgen, make_git, tmp_path):
    run = make_git(tmp_path / "origin", FILES)

    def change(files, message):
        make_git(tmp_path / "origin", files)
        run("commit", "-q", "--amend", "-m", message)

    change({"shop/orders.py": SHOP + "\nLIMIT = 3\n"}, "fix: refuse orders with too many items (#12)")
    change({"shop/__init__.py": "VERSION = 1\n"}, "Bump version to the next one please")
    change({"README.md": "# Shop\n"}, "Explain how orders are written down")
    snapshot = await docgen.call(
        "POST", "/snapshots", json={"repository_id": "r1", "git": {"url": f"file://{tmp_path}/origin"}}
    )
    await docgen.call("POST", f"/snapshots/{snapshot['id']}/analyse", json={"paths": list(FILES)})
    found = await pairs(docgen, snapshot, "commits")
    assert [(item["text"], [place["path"] for place in item["targets"]]) for item in found["items"]] == [
        ("refuse orders with too many items", ["shop/orders.py"])
    ]


async def test_an_archive_has_no_commits_to_ask_about(docgen):
    snapshot = await docgen.analysed(FILES)
    found = await pairs(docgen, snapshot, "commits")
    assert (found["items"], found["missing"]) == ([], "no_history")
    empty = await docgen.analysed({"a.txt": "nothing to call"})
    assert (await pairs(docgen, empty, "tests"))["missing"] == "none_found"

from docgen_server.core.documents.overview import FileNote, build_overview
from docgen_server.core.documents.pages import ModulePage, SymbolEntry, inputs_hash
from docgen_server.core.documents.render import Renderer
from docgen_server.core.linking.graph import Link, LinkedFile, LinkGraph


def make_symbol(**overrides):
    values = {
        "name": "buy", "qualified_name": "Shop.buy", "kind": "method", "signature": "def buy(self)",
        "doc": "Buys. At once.", "visibility": "public", "start_line": 3, "end_line": 9, "depth": 1,
    }  # fmt: skip
    return SymbolEntry(**(values | overrides))


def make_module(**overrides):
    values = {
        "path": "shop/cart.py", "language": "python", "line_count": 20, "doc": "Carts.", "symbols": [make_symbol()],
        "imports": ["shop/item.py"], "externals": ["kombu"], "importers": ["shop/app.py"],
    }  # fmt: skip
    return ModulePage(**(values | overrides))


def test_a_module_page_cites_every_definition():
    text = Renderer().module(make_module())

    assert text.startswith("# shop/cart.py\n\nCarts.\n")
    assert "### `Shop.buy`\n\n```python\ndef buy(self)\n```\n\nBuys.\n\nmethod — `shop/cart.py:3-9`" in text
    assert "## Imports\n\n- `shop/item.py`" in text
    assert "From outside: `kombu`." in text
    assert "## Imported by\n\n- `shop/app.py`" in text


def test_local_definitions_are_left_out_and_values_are_listed():
    symbols = [
        make_symbol(qualified_name="inner", visibility="local"),
        make_symbol(name="LIMIT", qualified_name="LIMIT", kind="constant", signature="LIMIT = 3", depth=0),
    ]

    text = Renderer().module(make_module(symbols=symbols))

    assert "inner" not in text
    assert "- `LIMIT = 3` — `shop/cart.py:3-9`" in text


def test_a_signature_with_backticks_cannot_leave_its_fence():
    text = Renderer().module(make_module(symbols=[make_symbol(signature="f(a = ```` )")]))

    assert "`````python\nf(a = ```` )\n`````" in text


def test_the_overview_draws_packages_and_points_at_what_matters():
    paths = ["shop/__init__.py", "shop/main.py", "shop/core/base.py", "shop/core/log.py", "tests/test_a.py"]
    files = [FileNote(path, "python", 100, "What it is." if path == "shop/__init__.py" else "") for path in paths]
    files += [FileNote("README.md", "markdown", 10, "Sells things.")]
    pairs = [("shop/main.py", "shop/core/base.py"), ("shop/__init__.py", "shop/core/base.py")]
    links = [Link(a, b, 1, is_external=False, is_deferred=False) for a, b in pairs]
    links.append(Link("shop/main.py", "kombu", 2, is_external=True, is_deferred=False))
    graph = LinkGraph({path: LinkedFile(path, "python", 100) for path in paths}, links)

    page = build_overview(files, graph, readme="# The *Shop*\n", file_count=9, problems={"todo": 2})
    text = Renderer().overview(page)

    assert text.startswith("# The Shop\n\nSells things.\n\n9 files, 510 lines analysed.")
    assert 'graph LR\n  p0["shop"]\n  p1["shop/core"]\n  p0 --> p1' in text
    assert "- `shop/main.py` — program" in text
    assert "| `shop` | 2 | 200 | What it is. |" in text
    assert "- `shop/core/base.py` — imported by 2 files" in text
    assert "| `kombu` | 1 |" in text
    assert "| todo | 2 |" in text
    assert "tests" not in text


def test_a_repository_without_anything_still_has_an_overview():
    page = build_overview([], LinkGraph({}, []), readme="", file_count=1, problems={})

    assert Renderer().overview(page).startswith("# Overview\n\n1 files")


def test_equal_inputs_have_equal_hashes():
    assert inputs_hash("a", {"x": 1, "y": 2}) == inputs_hash("a", {"y": 2, "x": 1}) != inputs_hash("b")

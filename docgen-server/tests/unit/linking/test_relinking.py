import pytest

from docgen_server.core.documents.usage import read_usage
from docgen_server.core.linking.program import Program
from docgen_server.core.linking.relinking import relink_symbols
from docgen_server.core.linking.symbol_graph import link_symbols

FILES = {
    "shop/__init__.py": "from shop.cart import Cart\n",
    "shop/cart.py": """
        from shop.item import Item, make

        class Cart:
            last: Item

            def add(self):
                self.last = make()
                return self.last.price()
        """,
    "shop/item.py": """
        class Thing:
            def price(self): ...

        class Item(Thing):
            def weigh(self): ...

        def make() -> Item:
            return Item()
        """,
    "shop/till.py": "import shop\n\ndef pay(cart: shop.Cart):\n    cart.add().round()\n    cart.last.weigh()\n",
    "shop/alone.py": "def f():\n    g()\n\ndef g(): ...\n",
    "web/a.js": "import { b } from './b'\nexport function a() { b() }\n",
    "web/b.js": "export function b() {}\n",
    "pad1.py": "", "pad2.py": "", "pad3.py": "", "pad4.py": "", "pad5.py": "",
}  # fmt: skip


def links(program, graph):
    name = lambda site: (site.path, "" if site.ordinal < 0 else program.definition(site).qualified_name)  # noqa: E731
    return {(name(one.source), name(one.target), one.kind, one.line, one.confidence) for one in graph.links}


def change(make_program, before, **edits):
    """The same program with some files changed, unchanged ones being the same objects."""
    texts = {path: edits.get(path, text) for path, text in FILES.items()}
    after = make_program(texts)
    same = {path: before.files[path] if FILES[path] == texts[path] else after.files[path] for path in FILES}
    return Program(same, after.index)


@pytest.mark.parametrize(
    ("path", "old", "new"),
    [
        ("shop/item.py", "def make() -> Item:", "def other(): ...\n\n        def make() -> Item:"),
        ("shop/item.py", "def make() -> Item:", "def make() -> Thing:"),
        ("shop/item.py", "class Item(Thing):", "class Item:"),
        ("shop/item.py", "def price(self): ...", "def cost(self): ..."),
        ("shop/item.py", "def weigh(self): ...", "def weigh(self): ...\n\n            def round(self): ..."),
        ("shop/item.py", "return Item()", "Thing()\n            return Item()"),
        ("shop/cart.py", "last: Item", "last: Cart"),
        ("shop/cart.py", "class Cart:", "class Before: ...\n\n        class Cart:"),
        ("shop/__init__.py", "from shop.cart import Cart", "from shop.item import Item as Cart"),
        ("shop/alone.py", "g()\n", "f()\n"),
        ("web/b.js", "export function b() {}", "function c() {}\nexport function b() { c() }"),
        ("web/b.js", "export function b() {}", "export function d() {}"),
    ],
)
def test_a_change_gives_the_links_of_a_program_linked_anew(make_program, path, old, new):
    before = make_program(FILES)
    assert old in FILES[path]
    after = change(make_program, before, **{path: FILES[path].replace(old, new)})

    known = link_symbols(before)
    assert before.by_name
    graph = relink_symbols(after, before, known)
    anew = Program(after.files, after.index)
    assert links(after, graph) == links(after, link_symbols(anew))
    assert after.by_name == anew.by_name
    usage = read_usage(after, graph, read_usage(before, known))
    assert {found: usage.digest(found) for found in FILES} == {
        found: read_usage(after, link_symbols(anew)).digest(found) for found in FILES
    }


def test_only_what_a_change_reaches_is_resolved_again(make_program):
    before = make_program(FILES)
    known = link_symbols(before)
    after = change(make_program, before, **{"shop/item.py": FILES["shop/item.py"].replace("return Item()", "return 1")})

    graph = relink_symbols(after, before, known)
    untouched = {path for path, uses in graph.by_file.items() if uses is known.by_file[path]}
    assert {"shop/__init__.py", "shop/alone.py", "web/a.js"} <= untouched
    assert graph.by_file["shop/till.py"].seen is known.by_file["shop/till.py"].seen


def test_new_files_are_linked_with_everything(make_program):
    before = make_program({path: text for path, text in FILES.items() if path != "shop/alone.py"})
    after = make_program(FILES)

    assert links(after, relink_symbols(after, before, link_symbols(before))) == links(after, link_symbols(after))

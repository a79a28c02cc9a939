"""A commit after a commit gives exactly what a first look at it gives: pages, what they rest on, problems and links."""

from document_steps import generate, read

ITEM = '''"""What is sold; see `Cart`."""


class Item:
    """A thing with a `price`."""

    def price(self) -> int:
        """What it costs."""
        return 1


def _forgotten_thing():
    pass
'''
CART = '''"""Carts of `Item`; pays by `settle`."""

from shop.item import Item


class Cart(Item):
    """Holds things."""

    def add(self, item: Item) -> int:
        """Adds an `Item`, see `pay_all`."""
        return item.price()
'''
TILL = "import shop.cart\nimport shop.item\n\n\ndef pay(cart: shop.cart.Cart):\n    cart.add(shop.item.Item())\n"
FIRST = {
    "README.md": "# The shop\n\nSells things to people.\n",
    "shop/__init__.py": '"""A shop."""\nfrom shop.cart import Cart\n',
    "shop/item.py": ITEM,
    "shop/cart.py": CART,
    "shop/till.py": TILL,
    "shop/desk/__init__.py": "",
    "shop/desk/bell.py": "from shop.till import pay\n\n\ndef ring():\n    pay(None)\n",
    "tools/alone.py": "def run():\n    return 1\n",
    "web/a.js": "import { b } from './b'\nexport function a() { b() }\n",
    "web/b.js": "export function b() {}\n",
}
STEPS = [
    {"shop/item.py": ITEM + "\n\ndef settle():\n    return Item()\n"},
    {"shop/item.py": "\n\n" + ITEM, "shop/cart.py": CART.replace("item.price()", "item.cost()")},
    {"shop/till.py": "import shop.item\n\n\n" + TILL.replace("import shop.item\n", "")},
    {"shop/item.py": ITEM.replace("_forgotten_thing", "pay_all"), "shop/desk/new.py": "import shop.item as Item\n"},
    {"shop/desk/bell.py": "from shop.item import _forgotten_thing\n\n\ndef ring():\n    _forgotten_thing()\n"},
    {"shop/cart.py": None, "shop/__init__.py": '"""A shop."""\n'},
    {"web/b.js": "export function b() { c() }\nfunction c() {}\n", "README.md": "# The shop\n\nCloses.\n"},
    {".codemuse.toml": '[problems]\nignore = ["unused-definition"]\n'},
]


async def everything(docgen, files, repository_id):
    """All that a commit leads to, in a form that two repositories can be compared by."""
    snapshot = (await generate(docgen, files, repository_id=repository_id))["snapshot_id"]
    listed = await docgen.call("GET", "/documents", params={"repository_id": repository_id, "limit": 200})
    pages = {}
    for one in listed["items"]:
        page = await docgen.call("GET", f"/documents/{one['id']}", params={"snapshot_id": snapshot})
        assert page["freshness"]["state"] == "fresh", page["freshness"]
        pages[page["path"]] = (page["title"], page["sections"])
    problems = await docgen.call("GET", f"/snapshots/{snapshot}/problems")
    found = [{**one, "id": ""} for one in problems["items"]]
    graph = await docgen.call("GET", f"/snapshots/{snapshot}/graph", params={"level": "module", "limit": 500})
    return pages, found, problems["counts"], graph


async def test_commits_one_after_the_other_give_what_each_gives_alone(docgen):
    files = dict(FIRST)
    assert await everything(docgen, files, "r1") == await everything(docgen, files, "alone")
    for number, step in enumerate(STEPS):
        files = {path: text for path, text in (files | step).items() if text is not None}

        following = await everything(docgen, files, "r1")
        assert following == await everything(docgen, files, f"alone{number}"), step


async def test_a_commit_plans_only_the_pages_that_it_reaches(docgen):
    await generate(docgen, FIRST)
    added = FIRST | {"shop/item.py": ITEM + "\n\ndef refund():\n    return 0\n"}

    reply = await generate(docgen, added)

    assert reply["rendered"] == 3, "the module, its package and the overview; nobody looked for the new name"
    await generate(docgen, FIRST | {"shop/item.py": ITEM + "\n\ndef settle():\n    return 0\n"})
    assert "[`settle`](/shop/item.py#settle)" in (await read(docgen, "shop/cart.py"))["content"]

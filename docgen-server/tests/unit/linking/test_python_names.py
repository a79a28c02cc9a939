import pytest

from docgen_server.core.analysis.model import Reference, ReferenceKind
from docgen_server.core.linking.python_names import PythonNames

SHOP = {
    "shop/__init__.py": "from .cart import Cart as Basket\nfrom .tools import *\n",
    "shop/tools.py": "def wrap(item): ...\nLIMIT = 3\n",
    "shop/item.py": """
        class Item:
            price: int
            def total(self): return 1
            @property
            def maker(self) -> "Maker": ...
        class Maker:
            def call(self): ...
    """,
    "shop/cart.py": """
        from typing import Optional
        from shop.item import Item, Maker
        class Base:
            def save(self): ...
            def same(self): return self
        class Cart(Base):
            def __init__(self, first: Optional[Item], maker):
                self.first = first
                self.items = [Item()]
            def add(self):
                self.save()
                self.first.total()
                self.first.maker.call()
                for item in self.items:
                    item.total()
                super().save()
            def __enter__(self): return self
    """,
}


def run(edges_of, code):
    found = edges_of(SHOP | {"main.py": code})
    return {(kind, target) for source, kind, target in found if source in {"main.py", "f"}}


def test_methods_are_found_through_self_bases_attributes_properties_loops_and_super(edges_of):
    found = edges_of(SHOP)

    assert {target for source, kind, target in found if source == "Cart.add" and kind == "calls"} == {
        "Base.save", "Item.total", "Maker.call",
    }  # fmt: skip
    assert ("Cart", "inherits", "Base") in found
    assert ("Cart.__init__", "type", "Item") in found or ("Cart", "type", "Item") in found


@pytest.mark.parametrize(
    ("code", "target"),
    [
        ("from shop import Basket\nBasket()\n", "Cart"),
        ("import shop\nshop.Basket().add()\n", "Cart.add"),
        ("from shop import wrap\nwrap(1)\n", "wrap"),
        ("from shop import tools as t\nt.wrap(1)\n", "wrap"),
        ("import shop.tools\nshop.tools.wrap(1)\n", "wrap"),
        ("from shop import Basket\nwith Basket() as b:\n    b.add()\n", "Cart.add"),
        ("from shop import Basket\ndef f():\n    return Basket()\nf().same().add()\n", "Cart.add"),
        ("from shop.item import Item\ndef f(a: list[Item]):\n    a[0].total()\n", "Item.total"),
        ("from shop.item import Item\ndef f(a: 'Item | None'):\n    a.total()\n", "Item.total"),
        ("from shop.cart import Cart\nclass Mine(Cart):\n    def f(self): self.save()\n", "Base.save"),
        ("from shop.item import Item\nmake = Item\nmake().total()\n", "Item.total"),
        (
            "try:\n    open('x')\nexcept ValueError as e: pass\nfrom shop.tools import wrap\n[wrap(x) for x in y]\n",
            "wrap",
        ),
    ],
)
def test_a_call_leads_to_its_definition(edges_of, code, target):
    found = edges_of(SHOP | {"main.py": code})

    assert any(kind == "calls" and to == target for source, kind, to in found if source != "Cart.add")


def test_a_local_variable_hides_the_function_of_its_name(edges_of):
    assert run(edges_of, "from shop.tools import wrap\ndef f(wrap):\n    wrap(1)\n") == set()


def test_patterns_mention_classes_and_capture_names(edges_of):
    code = """
        from shop.item import Item
        from shop.tools import wrap
        def f(x):
            match x:
                case Item(price=1) as wrap: wrap()
                case {"a": [first, *others], **rest}: first(others, rest)
                case _: pass
    """
    assert run(edges_of, code) == {("uses", "Item")}


def test_a_name_that_a_module_only_mentions_is_a_use(edges_of):
    assert ("uses", "wrap") in run(edges_of, "from shop.tools import wrap\nhandlers = [wrap]\n")


def test_what_is_only_passed_on_the_way_is_not_called(edges_of):
    assert run(edges_of, "from shop import tools\nfrom shop.item import Item\nItem.create_from_nowhere()\n") == {
        ("uses", "Item")
    }


def test_a_decorator_is_a_link(edges_of):
    assert ("decorates", "wrap") in run(edges_of, "from shop.tools import wrap\n@wrap\ndef g(): ...\n")


def test_the_only_method_of_a_name_is_meant_with_little_confidence(edges_of):
    found = edges_of(
        {"a.py": "class A:\n    def frobnicate(self): ...\ndef f(x):\n    x.frobnicate()\n    x.append(1)\n"}
    )

    assert found["f", "calls", "A.frobnicate"].confidence == 0.4
    assert len(found) == 1


@pytest.mark.parametrize(
    "files",
    [
        {"a.py": "from b import x\nx()\n", "b.py": "from a import x\n"},
        {"a/__init__.py": "from .b import *\n", "a/b.py": "from . import *\nx.y()\n"},
        {"a.py": "class A(B): ...\nclass B(A):\n    def f(self): self.g()\n"},
        {"a.py": "def f(): return g()\ndef g(): return f()\nf().x.y()\n"},
        {"a.py": "x = y\ny = x\nx.z()\n"},
    ],
)
def test_circles_end(edges_of, files):
    assert edges_of(files) is not None


def test_a_mention_of_something_outside_leads_nowhere(make_program):
    program = make_program({"a.py": "import os\nimport yaml\n"})
    resolver = PythonNames(program)

    for chain in ("os.path.join", "yaml.load", "nothing", "os"):
        assert resolver.targets(program.files["a.py"], Reference(-1, ReferenceKind.CALL, chain, 1)) == []

import pytest

CASES = {
    "javascript: imports, default, namespace, require": (
        {
            "lib/util.js": "export function clean() {}\nexport default function util() {}\n",
            "lib/index.js": "export * from './util'\nexport { clean as tidy } from './util'\n",
            "old.js": "exports.wash = function () {}\n",
            "main.js": (
                "import util, { clean } from './lib/util'\nimport * as all from './lib'\nconst old = require('./old')\n"
                "function go() { util(); clean(); all.clean(); old.wash() }\n"
            ),
        },
        {("go", "calls", "util"), ("go", "calls", "clean"), ("go", "calls", "exports.wash")},
    ),
    "typescript: classes, this, declared types": (
        {
            "a.ts": "export class Base { save(): void {} }\nexport interface Shape { area(): number }\n",
            "b.ts": (
                "import { Base, Shape } from './a'\nclass Cart extends Base implements Shape {\n  area() { return 1 }\n"
                "  run(other: Cart) { this.save(); other.area(); const c = new Cart(); c.run(c) }\n}\n"
            ),
        },
        {("Cart", "inherits", "Base"), ("Cart", "inherits", "Shape"), ("Cart.run", "calls", "Base.save"),
         ("Cart.run", "calls", "Cart.area"), ("Cart.run", "calls", "Cart")},
    ),
    "go: packages, receivers, constructors": (
        {
            "go.mod": "module example.org/x\n",
            "x.go": 'package x\nimport "example.org/x/render"\ntype Engine struct { }\nfunc New() *Engine { return &Engine{} }\n'
            "func (e *Engine) Run() { e.handle(); render.Write() }\n",
            "y.go": "package x\nfunc (e *Engine) handle() {}\nfunc main() { e := New(); e.Run() }\n",
            "render/r.go": "package render\nfunc Write() {}\n",
        },
        {("Engine.Run", "calls", "Engine.handle"), ("Engine.Run", "calls", "Write"), ("main", "calls", "New"),
         ("main", "calls", "Engine.Run"), ("New", "calls", "Engine")},
    ),
    "java: packages, fields, parameters, inheritance": (
        {
            "src/a/Base.java": "package a;\npublic class Base { void save() {} }\n",
            "src/a/b/Cart.java": "package a.b;\nimport a.Base;\nclass Cart extends Base {\n  private Item item;\n"
            "  void run(Item other) { save(); item.total(); other.total(); new Item(); }\n}\n",
            "src/a/b/Item.java": "package a.b;\nclass Item { int total() { return 1; } }\n",
        },
        {("Cart", "inherits", "Base"), ("Cart.run", "calls", "Base.save"), ("Cart.run", "calls", "Item.total"),
         ("Cart.run", "calls", "Item")},
    ),
    "rust: use, self, impl": (
        {
            "src/lib.rs": "mod cart;\nuse crate::cart::{Cart, tidy};\npub fn go(c: Cart) { c.add(); tidy(); }\n",
            "src/cart.rs": "pub struct Cart {}\nimpl Cart {\n  pub fn add(&self) { self.save() }\n  fn save(&self) {}\n}\n"
            "pub fn tidy() {}\n",
        },
        {("go", "calls", "Cart.add"), ("go", "calls", "tidy"), ("Cart.add", "calls", "Cart.save")},
    ),
    "zig and haskell: the languages that were added last": (
        {
            "main.zig": 'const cart = @import("cart.zig");\nfn go() void { cart.tidy(); helper(); }\nfn helper() void {}\n',
            "cart.zig": "pub fn tidy() void {}\n",
            "Shop/Cart.hs": "module Shop.Cart where\nimport Shop.Item (total)\n\nsell c = total c\n",
            "Shop/Item.hs": "module Shop.Item where\n\ntotal i = i\n",
        },
        {("go", "calls", "tidy"), ("go", "calls", "helper"), ("sell", "calls", "total")},
    ),
    "others: by name where it is the only one": (
        {
            "a.rb": "class Cart < Base\n  def add\n    tidy_up\n  end\n  def tidy_up\n  end\nend\n",
            "b.rb": "class Base\nend\n",
            "a.c": "static int twice(int a) { return a; }\nint main_loop(void) { return twice(2); }\n",
            "a.php": "<?php\nclass P extends Q { function run() { $this->stop_all(); } function stop_all() {} }\nclass Q {}\n",
            "a.ex": "defmodule A do\n  def go(x), do: tidy(x)\n  def tidy(x), do: x\nend\n",
            "a.kt": "class K : L() { fun run() { halt() }\n fun halt() {} }\nopen class L\n",
        },
        {("Cart", "inherits", "Base"), ("main_loop", "calls", "twice"), ("P", "inherits", "Q"),
         ("P.run", "calls", "P.stop_all"), ("A.go", "calls", "A.tidy"), ("K", "inherits", "L"), ("K.run", "calls", "K.halt")},
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda name: name.split(":")[0])
def test_names_lead_to_definitions(edges_of, case):
    files, wanted = CASES[case]
    manifests = {path: text for path, text in files.items() if path == "go.mod"}
    found = edges_of({path: text for path, text in files.items() if path not in manifests}, manifests)

    assert wanted <= found.keys(), found.keys()


def test_what_only_fits_by_name_says_so(edges_of):
    found = edges_of(
        {"a.js": "class A { frobnicate() {} }\n", "b.js": "function f(x) { x.frobnicate(); Object.frobnicate() }\n"}
    )

    assert {link.confidence for link in found.values()} == {0.4}


def test_modules_without_an_import_do_not_see_each_other(edges_of):
    assert edges_of({"a.js": "function tidyUp() {}\n", "b.js": "tidyUp()\n"}) == {}

from docgen_server.core.documents.facts import FileNote, ProblemFacts, SnapshotFacts, SymbolFacts
from docgen_server.core.documents.links import SymbolLinks, page_link, slug
from docgen_server.core.documents.modules import plan_module
from docgen_server.core.documents.overview import plan_overview, read_overview
from docgen_server.core.documents.packages import group_packages, plan_package
from docgen_server.core.documents.render import Job, Renderer, check_diagrams
from docgen_server.core.documents.sections import SectionPlan
from docgen_server.core.documents.usage import Usage
from docgen_server.core.linking.graph import Link, LinkedFile, LinkGraph


def make_symbol(name, **overrides):
    values = {
        "name": name.rpartition(".")[2], "qualified_name": name, "kind": "function", "signature": f"def {name}()",
        "doc": "Does it. At once.", "visibility": "public", "start_line": 3, "end_line": 9, "depth": 0,
    }  # fmt: skip
    return SymbolFacts(**(values | overrides))


def make_facts(docs, pairs=(), symbols=None, **overrides):
    files = {path: FileNote(path, "b", "python", 100, doc) for path, doc in docs.items()}
    links = [Link(a, b, 1, is_external="/" not in b, is_deferred=False) for a, b in pairs]
    graph = LinkGraph({path: LinkedFile(path, "python", 100) for path in docs}, links)
    names = {path: {one.name: (one.qualified_name,) for one in found} for path, found in (symbols or {}).items()}
    return SnapshotFacts(files, graph, symbols or {}, names, **overrides)


def make_usage(*mentions):
    """Usage by mentions as ``read_usage`` finds them; calls unless told."""
    touching = {}
    for source, target, *kind in mentions:
        for path in {source[0], target[0]}:
            found = touching.setdefault(path, {}).setdefault(source[0], [])
            found.append((source, target, *(kind or ["calls"])))
    return Usage(touching)


def render(kind, plans, locale="en"):
    renderer = Renderer()
    return "\n\n".join(renderer.render(Job(kind, plan), locale) for plan in plans)


SHOP = {"shop/__init__.py": "A shop.", "shop/cart.py": "", "shop/item.py": "Items.", "tests/test_cart.py": ""}


def test_a_module_page_cites_every_definition_and_links_names_to_theirs():
    symbols = {
        "shop/cart.py": [
            make_symbol("Cart", kind="class", signature="class Cart(Item)", doc="Holds `Item` things.", end_line=9),
            make_symbol("Cart.buy", kind="method", depth=1, start_line=5, end_line=6),
            make_symbol("Cart._pay", kind="method", depth=1, start_line=7, end_line=8, visibility="private"),
            make_symbol("pay", start_line=11, end_line=12),
            make_symbol("_hidden", visibility="private", start_line=14, end_line=15),
            make_symbol("LIMIT", kind="constant", signature="LIMIT = '`'", start_line=1, end_line=1),
        ],
        "shop/item.py": [make_symbol("Item", kind="class")],
    }
    facts = make_facts(SHOP, [("shop/cart.py", "shop/item.py"), ("shop/cart.py", "kombu")], symbols)

    text = render("module", plan_module(facts, "shop/cart.py", "shop/"))

    assert "Holds [`Item`](/shop/item.py#item) things." in text
    assert "class — `shop/cart.py:3-9` — Extends [`Item`](/shop/item.py#item)." in text
    assert (
        "### `Cart.buy`\n\n```python\ndef Cart.buy()\n```\n\nDoes it. At once.\n\nmethod — `shop/cart.py:5-6`" in text
    )
    assert "Internal: `_pay`." in text
    assert "- `` LIMIT = '`' `` — `shop/cart.py:1`" in text
    assert "## Internals" in text
    assert "| `_hidden` | function | `shop/cart.py:14-15` |" in text
    assert "Imports: [`shop/item.py`](/shop/item.py)" in text
    assert "From outside: `kombu`." in text


def test_methods_that_stand_outside_of_their_type_are_shown_with_it():
    symbols = [
        make_symbol("Engine", kind="struct"),
        make_symbol("Engine.Run", kind="method", start_line=20, end_line=30),
    ]
    facts = make_facts({"gin.go": ""}, symbols={"gin.go": symbols})

    plans = plan_module(facts, "gin.go", None)

    assert [plan.key for plan in plans] == ["about", "symbol:Engine"]
    assert [(one.start_line, one.end_line) for one in plans[1].sources] == [(3, 9), (20, 30)]


def test_definitions_of_one_name_have_sections_of_their_own():
    symbols = [make_symbol("run"), make_symbol("run", start_line=20, end_line=22)]
    plans = plan_module(make_facts(SHOP, symbols={"shop/cart.py": symbols}), "shop/cart.py", None)

    assert {"symbol:run", "symbol:run~2"} <= {plan.key for plan in plans}


def test_a_package_page_tells_its_modules_what_they_offer_and_its_neighbours():
    docs = SHOP | {"shop/core/__init__.py": "The core.", "shop/core/base.py": "Base."}
    pairs = [
        ("shop/cart.py", "shop/item.py"),
        ("shop/item.py", "shop/__init__.py"),
        ("shop/cart.py", "shop/core/base.py"),
    ]
    facts = make_facts(docs, pairs, {"shop/cart.py": [make_symbol("buy")]})

    text = render("package", plan_package(facts, "shop", group_packages(facts.files)))

    assert text.startswith("# shop\n\nA shop.\n\npackage · 3 modules · 300 lines · `shop/__init__.py:1`")
    assert "| [`core`](/shop/core/) | 2 | 200 | The core. |" in text
    assert "| [`cart.py`](/shop/cart.py) | 100 | `buy`: Does it. |" in text
    assert "| [`buy`](/shop/cart.py#buy) | function | Does it. |" in text
    assert '```mermaid\ngraph LR\n  n0["__init__.py"]' in text
    assert "Uses: [`shop/core/`](/shop/core/)" in text


def test_the_overview_begins_with_what_it_is_and_says_where_to_look():
    docs = SHOP | {"shop/main.py": "Starts.", "shop/core/base.py": ""}
    pairs = [("shop/main.py", "shop/core/base.py"), ("shop/cart.py", "shop/core/base.py"), ("shop/main.py", "kombu")]
    problems = [
        ProblemFacts("shop/core/base.py", "todo", "note", 4, 4, "Later | never"),
        ProblemFacts("shop/core/base.py", "secret", "error", 5, 5, "A secret"),
    ]
    texts = {"README.md": "# The Shop\n\nSells things to people who want them badly.\n", "tox.ini": ""}
    facts = make_facts(docs, pairs, problems=problems, texts=texts)

    text = render("overview", plan_overview(read_overview(facts)))

    assert text.startswith(
        "# The Shop\n\nSells things to people who want them badly. — `README.md:3`\n\n6 files of code"
    )
    assert "| Test | `tox` | `tox.ini:1` |" in text
    assert "| `main.py` | [`shop/main.py`](/shop/main.py) | Starts. |" in text
    assert '```mermaid\ngraph TB\n  n0["shop"]\n  n1["shop/core"]\n  n0 --> n1\n```' in text
    assert "| [`shop/core/base.py`](/shop/core/base.py) | 2 |" in text
    assert "| `kombu` | 1 |" in text
    assert text.index("**secret** — A secret") < text.index("**todo** — Later \\| never")
    assert "tests" not in text


def test_what_a_command_does_is_told_in_words_or_shown_as_code():
    texts = {
        "Makefile": "test: ## Run `pytest` and lint\n\tpytest\n",
        "package.json": '{"name": "x", "scripts": {"dev": "vite --host `hostname`"}}',
    }
    text = render("overview", plan_overview(read_overview(make_facts({}, texts=texts))))
    assert "| `make test` | Run `pytest` and lint |" in text
    assert "| `npm run dev` | `` vite --host `hostname` `` |" in text


def test_the_commands_have_no_column_for_notes_when_there_are_none():
    texts = {"go.mod": "module x.example/shop\n"}
    text = render("overview", plan_overview(read_overview(make_facts({}, texts=texts))))
    assert "| For | Command | Where it stands |\n|---|---|---|\n| Install |" in text


def test_entry_points_are_near_the_top_and_told_once():
    files = ["shop/__main__.py", "shop/app.py", "shop/contrib/testing/app.py", "shop/till/__main__.py"]
    texts = {"pyproject.toml": '[project]\nname = "shop"\n[project.scripts]\nshop = "shop.__main__:main"\n'}
    text = render("overview", plan_overview(read_overview(make_facts(dict.fromkeys(files, ""), texts=texts))))
    part = text.partition("## Where it begins")[2].partition("\n## ")[0]
    assert "`shop/till/__main__.py`" in part
    assert "`shop/__main__.py`" not in part
    assert "shop.__main__:main" in part
    assert "/shop/app.py" in part
    assert "testing" not in part


def test_further_reading_leaves_out_translations_and_texts_for_machines():
    names = ["docs/en/guide.md", "docs/ko/guide.md", "docs/fr/prompt.md", "docs/.agents/a.md", "CHANGES.md"]
    files = {name: FileNote(name, "b", "markdown", 9, "") for name in names}
    facts = SnapshotFacts(files, LinkGraph({}, []))
    text = render("overview", plan_overview(read_overview(facts)))
    part = text.partition("## Further reading")[2]
    assert [name for name in names if name in part] == ["docs/en/guide.md", "CHANGES.md"]


def test_a_file_without_any_comment_is_described_by_its_largest_definitions():
    symbols = [make_symbol(name, doc="", end_line=end) for name, end in (("a", 5), ("Big", 90), ("c", 9), ("d", 7))]
    facts = make_facts({"x.py": ""}, symbols={"x.py": [*symbols, make_symbol("_own", doc="", visibility="private")]})
    assert facts.summary_of("x.py") == "`Big`, `c`, `d`"


def test_a_repository_without_anything_still_has_an_overview():
    facts = make_facts({})

    assert render("overview", plan_overview(read_overview(facts))).startswith("# Overview\n\n0 files")
    assert render("overview", plan_overview(read_overview(facts)), "ko").startswith("# 개요\n\n코드와 글 파일 0개")


def test_every_phrase_exists_in_both_languages():
    facts = make_facts(SHOP, [("shop/cart.py", "shop/item.py")], {"shop/cart.py": [make_symbol("buy")]})
    plans = plan_module(facts, "shop/cart.py", "shop/")

    korean, english = render("module", plans, "ko"), render("module", plans)

    assert korean.count("`") == english.count("`")
    assert korean.count("\n#") == english.count("\n#")
    assert korean != english


def test_a_signature_with_backticks_cannot_leave_its_fence():
    facts = make_facts(SHOP, symbols={"shop/cart.py": [make_symbol("f", signature="f(a = ```` )")]})

    assert "`````python\nf(a = ```` )\n`````" in render("module", plan_module(facts, "shop/cart.py", None))


def test_a_diagram_that_would_not_render_becomes_text_with_the_reason():
    text = check_diagrams("A.\n\n```mermaid\ngantt\n```\n\nB.")

    assert "*Not drawn: 'gantt' is neither" in text
    assert "```text\ngantt\n```" in text


def test_a_doc_comment_cannot_break_the_page():
    doc = "Summary.\n\n# A heading\n\n```\nnever closed"
    facts = make_facts({"a.py": doc})

    text = Renderer().render(Job("module", plan_module(facts, "a.py", None)[0]), "en")

    assert "**A heading**" in text
    assert text.count("```") == 2


def test_names_are_linked_only_where_one_definition_can_be_meant():
    links = SymbolLinks([("a.py", "Cart.buy"), ("b.py", "sell"), ("c.py", "sell")], "a.py")

    assert links.link_all("`buy` `sell` `buy()`") == "[`buy`](/a.py#cartbuy) `sell` [`buy()`](/a.py#cartbuy)"
    assert links.link_all("```\n`buy`\n```") == "```\n`buy`\n```"


def test_addresses_of_pages_survive_any_path():
    assert page_link("a b/(c).py") == "[`a b/(c).py`](/a%20b/%28c%29.py)"
    assert slug("`Cart.buy_now`") == "cartbuy_now"


def test_more_blank_lines_than_one_are_kept_in_code_only():
    plan = SectionPlan("about", "about", {"path": "x", "doc": "A.\n\n\n\n```\na\n\n\nb\n```\n\n\n\nB.", "language": "go",
        "line_count": 1, "importer_count": 0, "package": "", "place": "`x:1`"})  # fmt: skip

    assert "A.\n\n```\na\n\n\nb\n```\n\nB." in Renderer().render(Job("module", plan), "en")


def test_a_definition_names_its_users_and_a_module_draws_the_calls_across_its_border():
    usage = make_usage(
        (("shop/main.py", "run"), ("shop/cart.py", "buy")),
        (("shop/main.py", ""), ("shop/cart.py", "buy"), "uses"),
        (("shop/cart.py", "pay"), ("shop/cart.py", "buy"), "uses"),
        (("shop/cart.py", "buy"), ("shop/item.py", "Item.take")),
        (("shop/cart.py", ""), ("shop/item.py", "load")),
        (("shop/cart.py", "buy"), ("shop/cart.py", "pay")),
    )
    facts = make_facts(SHOP, symbols={"shop/cart.py": [make_symbol("buy")]}, usage=usage)

    text = render("module", plan_module(facts, "shop/cart.py", None))

    assert "Used by: [`run`](/shop/main.py#run), [`shop/main.py`](/shop/main.py)" in text
    assert '["shop/main.py: run"]' in text
    assert '["module"]' in text
    assert text.count("-->") == 3


def test_the_calls_of_a_busy_module_are_those_of_its_busiest_definitions():
    calls = [
        ((f"shop/user{user}.py", "run"), ("shop/cart.py", f"f{name:02}"))
        for name in range(60)
        for user in range(name // 10)
    ]
    facts = make_facts(SHOP, symbols={"shop/cart.py": [make_symbol("buy")]}, usage=make_usage(*calls))

    text = render("module", plan_module(facts, "shop/cart.py", None))

    assert "Not drawn" not in text
    assert text.count("-->") == 8 * 5
    assert '["f50"]' in text
    assert '["f10"]' not in text


def test_heirs_in_other_files_are_drawn_with_their_base():
    heirs = [("dog.py", "dog"), ("cat.py", "cat"), ("extension.swift", "")]
    usage = make_usage(*((heir, ("shop/item.py", "Item"), "inherits") for heir in heirs))
    symbols = {"shop/item.py": [make_symbol("Item", kind="class", signature="class Item")]}
    facts = make_facts(SHOP, symbols=symbols, usage=usage)

    assert render("module", plan_module(facts, "shop/item.py", None)).count("<|--") == 2


def test_hot_spots_are_what_changes_often_and_is_long():
    docs = SHOP | {"shop/calm.py": ""}
    changes = {"shop/cart.py": 40, "shop/item.py": 3, "tests/test_cart.py": 90}
    facts = make_facts(docs, [("shop/cart.py", "kombu")], changes=changes, versions={"kombu": ">=5.3"})

    text = render("overview", plan_overview(read_overview(facts)))
    spots = text[text.index("## Where to look twice") : text.index("## What it uses")]

    assert spots.index("shop/cart.py") < spots.index("shop/item.py")
    assert "| [`shop/cart.py`](/shop/cart.py) | 40 | 100 | 0 | 0 |" in spots
    assert "calm" not in spots
    assert "| `kombu` | 1 | `>=5.3` |" in text


def test_a_go_file_is_described_by_the_type_that_most_of_it_belongs_to_and_hidden_types_offer_nothing():
    symbols = {
        "shop/cart.py": [
            make_symbol("Small", kind="struct", doc="Small one.", start_line=1, end_line=3),
            make_symbol("Small.grow", kind="method", doc="Grows.", start_line=4, end_line=40),
            make_symbol("Long", doc="A long function.", start_line=41, end_line=60),
            make_symbol("hidden", kind="struct", visibility="private", start_line=61, end_line=62),
            make_symbol("hidden.Shown", kind="method", start_line=63, end_line=64),
        ]
    }
    facts = make_facts(SHOP, symbols=symbols)

    assert facts.summary_of("shop/cart.py") == "`Small`: Small one."
    offered = render("package", plan_package(facts, "shop", group_packages(facts.files)))
    assert "hidden.Shown" not in offered
    assert "Long" in offered

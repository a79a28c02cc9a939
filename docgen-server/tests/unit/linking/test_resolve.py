import pytest

from codemuse.contracts.common import Language
from docgen_server.core.analysis.model import Import
from docgen_server.core.linking.resolve import PathIndex, resolve


def find(paths, importer, language, target, *names, manifests=None):
    index = PathIndex(frozenset([*paths, importer]), manifests or {})
    return resolve(index, importer, language, Import(target, 1, names))


PYTHON = ["pkg/__init__.py", "pkg/a.py", "pkg/sub/__init__.py", "pkg/sub/b.py", "pkg/collections.py", "src/lib/c.py"]


@pytest.mark.parametrize(
    ("importer", "target", "names", "paths"),
    [
        ("pkg/sub/b.py", ".", ("x",), ("pkg/sub/__init__.py",)),
        ("pkg/sub/b.py", "..a", ("x",), ("pkg/a.py",)),
        ("pkg/sub/b.py", "..", ("a",), ("pkg/a.py",)),
        ("pkg/sub/b.py", "..", ("a", "x"), ("pkg/__init__.py", "pkg/a.py")),
        ("pkg/a.py", "pkg.sub.b", (), ("pkg/sub/b.py",)),
        ("pkg/a.py", "pkg.sub", ("b",), ("pkg/sub/b.py",)),
        ("pkg/a.py", "lib.c", (), ("src/lib/c.py",)),
        ("tools/run.py", "helper", (), ("tools/helper.py",)),
    ],
)
def test_python_imports_lead_to_modules(importer, target, names, paths):
    found = find([*PYTHON, "tools/helper.py"], importer, Language.PYTHON, target, *names)

    assert found.paths == paths
    assert found.external is None


def test_python_modules_beside_do_not_hide_the_standard_library():
    assert find(PYTHON, "pkg/a.py", Language.PYTHON, "collections") == find([], "x.py", Language.PYTHON, "os")


def test_names_from_outside_are_external():
    assert find(PYTHON, "pkg/a.py", Language.PYTHON, "requests.api").external == "requests"


def test_a_module_in_another_source_root_is_found_by_its_end():
    paths = ["services/shop/cart/items.py", "services/shop/cart/__init__.py"]

    assert find(paths, "services/shop/run.py", Language.PYTHON, "cart.items").paths == ("services/shop/cart/items.py",)


@pytest.mark.parametrize(
    ("target", "path"),
    [
        ("./router", "lib/router.js"),
        ("./router.js", "lib/router.js"),
        ("../types", "types.d.ts"),
        ("./view", "lib/view/index.tsx"),
        ("./made.js", "lib/made.ts"),
        ("..", "index.js"),
    ],
)
def test_relative_scripts_are_found_with_and_without_their_endings(target, path):
    paths = ["lib/router.js", "types.d.ts", "lib/view/index.tsx", "lib/made.ts", "index.js"]

    assert find(paths, "lib/app.js", Language.JAVASCRIPT, target).paths == (path,)


def test_path_aliases_and_workspace_packages_lead_inside():
    manifests = {
        "web/tsconfig.json": '{ // notes\n "compilerOptions": {"baseUrl": ".", "paths": {"@/*": ["src/*"],}} }',
        "packages/core/package.json": '{"name": "@team/core"}',
        "broken/package.json": "{",
    }
    paths = ["web/src/api/client.ts", "packages/core/src/index.ts"]

    alias = find(paths, "web/src/main.ts", Language.TYPESCRIPT, "@/api/client", manifests=manifests)
    package = find(paths, "web/src/main.ts", Language.TYPESCRIPT, "@team/core", manifests=manifests)

    assert alias.paths == ("web/src/api/client.ts",)
    assert package.paths == ("packages/core/src/index.ts",)


@pytest.mark.parametrize(
    ("target", "external"), [("@scope/a/b", "@scope/a"), ("left-pad/x", "left-pad"), ("node:fs", None)]
)
def test_packages_from_outside_have_the_name_of_the_package(target, external):
    assert find([], "a.js", Language.JAVASCRIPT, target).external == external


def test_go_packages_are_folders_of_the_module():
    manifests = {"go.mod": "module example.org/x\n\ngo 1.22\n"}
    paths = ["render/a.go", "render/b.go", "render/a_test.go", "x.go"]

    found = find(paths, "x.go", Language.GO, "example.org/x/render", manifests=manifests)

    assert found.paths == ("render/a.go", "render/b.go")
    assert find(paths, "render/a.go", Language.GO, "example.org/x", manifests=manifests).paths == ("x.go",)
    assert find(paths, "x.go", Language.GO, "github.com/a/b/c", manifests=manifests).external == "github.com/a/b"
    assert find(paths, "x.go", Language.GO, "net/http", manifests=manifests).external is None


@pytest.mark.parametrize(
    ("language", "importer", "target", "path"),
    [
        (Language.JAVA, "src/main/java/a/b/D.java", "a.b.C", "src/main/java/a/b/C.java"),
        (Language.JAVA, "src/main/java/a/b/D.java", "a.b.C.member", "src/main/java/a/b/C.java"),
        (Language.JAVA, "src/main/java/a/b/D.java", "a.q", "src/main/java/a/q/E.java"),
        (Language.KOTLIN, "src/main/java/a/F.kt", "a.b.C", "src/main/java/a/b/C.java"),
        (Language.PHP, "src/X.php", "App\\Model\\User", "lib/Model/User.php"),
        (Language.C, "src/a.c", "b.h", "src/b.h"),
        (Language.C, "src/a.c", "x/c.h", "include/x/c.h"),
        (Language.RUBY, "lib/a.rb", "a/tool", "lib/a/tool.rb"),
        (Language.LUA, "main.lua", "a.mod", "a/mod.lua"),
        (Language.LUA, "main.lua", "a.pack", "a/pack/init.lua"),
        (Language.BASH, "run.sh", "./lib.sh", "lib.sh"),
        (Language.RUST, "src/main.rs", "x", "src/x.rs"),
        (Language.RUST, "src/main.rs", "y", "src/y/mod.rs"),
        (Language.RUST, "src/y/mod.rs", "crate::x::Thing", "src/x.rs"),
        (Language.RUST, "src/y/z.rs", "super::w::{A, B}", "src/y/w.rs"),
        (Language.RUST, "src/x.rs", "crate::f", "src/lib.rs"),
        (Language.ELIXIR, "lib/a.ex", "My.HttpServer", "lib/my/http_server.ex"),
    ],
)
def test_each_language_finds_its_files(language, importer, target, path):
    paths = [
        "src/main/java/a/b/C.java", "src/main/java/a/q/E.java", "lib/Model/User.php", "src/b.h", "include/x/c.h",
        "lib/a/tool.rb", "a/mod.lua", "a/pack/init.lua", "lib.sh", "src/x.rs", "src/y/mod.rs", "src/y/w.rs", "src/lib.rs",
        "lib/my/http_server.ex",
    ]  # fmt: skip

    assert find(paths, importer, language, target).paths == (path,)


@pytest.mark.parametrize(
    ("language", "target", "external"),
    [
        (Language.JAVA, "com.google.Gson", "com.google"),
        (Language.JAVA, "java.util.List", None),
        (Language.C, "openssl/ssl.h", "openssl"),
        (Language.RUBY, "rack/test", "rack"),
        (Language.RUST, "serde::Serialize", "serde"),
        (Language.RUST, "std::fs", None),
        (Language.RUST, "nothere", "nothere"),
        (Language.ELIXIR, "Phoenix.Router", "Phoenix"),
        (Language.SWIFT, "Foundation", None),
    ],
)
def test_each_language_names_what_comes_from_outside(language, target, external):
    assert find([], "a", language, target).external == external


def test_an_import_of_nothing_is_nothing():
    assert find([], "a.rs", Language.RUST, "crate::x").paths == ()
    assert find([], "a.py", Language.PYTHON, "") == find([], "a.sql", Language.SQL, "x")

import pytest

from docgen_server.core.packages.manifests import find_unpinned, read_manifest

MANIFESTS = {
    "requirements.txt": (
        "# base\n-r other.txt\nflask>=2,<4 ; python_version > '3'\nrequests[socks]\n",
        [("flask", ">=2,<4", 3, "runtime"), ("requests", "", 4, "runtime")],
    ),
    "requirements/dev.txt": ("pytest==8\n", [("pytest", "==8", 1, "development")]),
    "pyproject.toml": (
        ('[project]\nname = "x"\ndependencies = ["httpx>=0.27"]\n[project.optional-dependencies]\na = ["rich"]\n'
        '[dependency-groups]\ndev = ["mypy", {include-group = "x"}]\n[tool.poetry.dependencies]\npython = "3"\ndjango = "^5"\n'),
        [("httpx", ">=0.27", 3, "runtime"), ("rich", "", 5, "optional"), ("mypy", "", 7, "development"), ("django", "^5", 10, "runtime")],
    ),
    "web/package.json": (
        '{\n"dependencies": {"vue": "^3"},\n"devDependencies": {"vite": "latest"}}',
        [("vue", "^3", 2, "runtime"), ("vite", "latest", 3, "development")],
    ),
    "go.mod": (
        "module a.b/c\ngo 1.22\nrequire github.com/x/y v1.2.3\nrequire (\n\tgolang.org/x/net v0.1.0 // indirect\n)\n",
        [("github.com/x/y", "v1.2.3", 3, "runtime"), ("golang.org/x/net", "v0.1.0", 5, "optional")],
    ),
    "Cargo.toml": (
        '[dependencies]\nserde = { version = "1", features = ["derive"] }\nown = { path = "../own" }\n[dev-dependencies]\nrand = "0.8"\n',
        [("serde", "1", 2, "runtime"), ("rand", "0.8", 5, "development")],
    ),
    "pom.xml": (
        ('<project xmlns="http://maven.apache.org/POM/4.0.0"><properties><v>1.5</v></properties><dependencies><dependency>\n'
        "<groupId>a.b</groupId><artifactId>c</artifactId><version>${v}</version><scope>test</scope></dependency></dependencies></project>"),
        [("a.b:c", "1.5", 2, "development")],
    ),
    "build.gradle.kts": (
        'dependencies {\n  implementation("a.b:c:1.0")\n  testImplementation("d:e")\n}\n',
        [("a.b:c", "1.0", 2, "runtime"), ("d:e", "", 3, "development")],
    ),
    "Gemfile": ("gem 'rack', '~> 3'\ngem \"pg\"\n", [("rack", "~> 3", 1, "runtime"), ("pg", "", 2, "runtime")]),
    "composer.json": ('{"require": {"php": ">=8", "a/b": "^1"}}', [("a/b", "^1", 1, "runtime")]),
}  # fmt: skip


@pytest.mark.parametrize("path", MANIFESTS)
def test_packages_are_read_with_version_line_and_scope(path):
    text, wanted = MANIFESTS[path]

    assert [package[1:] for package in read_manifest(path, text)] == wanted


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("pyproject.toml", "[project\n"),
        ("pyproject.toml", "project = 3\n"),
        ("package.json", "[1]"),
        ("package.json", '{"dependencies": [1]}'),
        ("pom.xml", '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'),
        ("notes.txt", "flask\n"),
    ],
)
def test_what_is_no_manifest_has_no_packages(path, text):
    assert read_manifest(path, text) == []


def test_only_lists_for_an_installation_are_judged():
    requirements = read_manifest("requirements.txt", "flask\nhttpx==1\n")
    project = read_manifest("pyproject.toml", '[project]\ndependencies = ["flask"]\n')

    assert [package.name for package in find_unpinned("requirements.txt", requirements)] == ["flask"]
    assert list(find_unpinned("pyproject.toml", project)) == []

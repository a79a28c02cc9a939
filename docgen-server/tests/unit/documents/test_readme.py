from textwrap import dedent

import pytest

from docgen_server.core.documents.manifests import read_project
from docgen_server.core.documents.readme import read_readme

CELERY = """
.. image:: https://x.example/banner.png

|build-status| |coverage|

:Version: 5.6
:Web: https://x.example

Donations
=========

`Open Collective <https://x.example>`_ is our community-powered funding platform that needs your money.

What's a Task Queue?
====================

Task queues are used as a mechanism to distribute work across threads or machines.

A task queue's input is a unit of work, called a task.

Installation
============

You can install it::

    $ pip install -U Celery
"""


def test_a_readme_in_rst_says_what_the_project_is_and_not_who_pays_for_it():
    readme = read_readme(dedent(CELERY).strip("\n"), "rst")

    assert readme.title == ""
    assert readme.paragraphs[0].text.startswith("Task queues are used")
    assert (readme.paragraphs[0].start_line, readme.paragraphs[0].end_line) == (16, 16)
    assert [(one.purpose, one.code, one.start_line) for one in readme.how_to] == [
        ("install", "$ pip install -U Celery", 25)
    ]


def test_a_readme_in_markdown_is_read_past_badges_and_pictures():
    text = """\
        <p align="center"><img src="x.png"></p>

        # The *Shop*

        [![build](https://x.example/b.svg)](https://x.example)

        It sells [things](https://x.example) to people who want them, and does it [well][1].

        ## Running it

        ```bash
        make run
        ```
        """
    readme = read_readme(dedent(text), "markdown")

    assert readme.title == "The Shop"
    assert [one.text for one in readme.paragraphs] == [
        "It sells [things](https://x.example) to people who want them, and does it well."
    ]
    assert [(one.purpose, one.language, one.code) for one in readme.how_to] == [("run", "bash", "make run")]


@pytest.mark.parametrize("text", ["", "\n\n", "# Installation\n\nshort", "```\n# not closed", "=====\n=====\n"])
def test_a_readme_that_says_nothing_gives_nothing(text):
    assert read_readme(text, "markdown").title == ""


def commands(texts):
    return [(one.purpose, one.text, one.path, one.line) for one in read_project(texts).commands]


def test_running_is_not_told_by_an_installation():
    text = "# X\n\n## Quick start\n\n```bash\nnpm install -g maker@4\n```\n\nThen:\n\n```bash\nmaker /tmp/foo\n```\n"
    assert [(one.purpose, one.code) for one in read_readme(text, "markdown").how_to] == [("run", "maker /tmp/foo")]


def test_manifests_say_how_to_install_run_and_test():
    texts = {
        "pyproject.toml": '[project]\nname = "shop"\ndescription = "Sells."\nrequires-python = ">=3.11"\n'
        'license = {text = "MIT"}\n[project.scripts]\nshop = "shop.main:run"\n[tool.pytest.ini_options]\n',
        "Makefile": "test: build ## Run all tests\n\tpytest\n\nobscure:\n\ttrue\n\nX := 1\n",
    }
    project = read_project(texts)

    assert (project.name, project.description, project.license) == ("shop", "Sells.", "MIT")
    assert project.requires == ["Python >=3.11"]
    assert [(one.name, one.target, one.line) for one in project.entry_points] == [("shop", "shop.main:run", 7)]
    assert commands(texts) == [
        ("install", "pip install shop", "pyproject.toml", 2),
        ("test", "pytest", "pyproject.toml", 8),
        ("test", "make test", "Makefile", 1),
    ]


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("package.json", '{"name": "x", "scripts": {"test": "jest", "dev": "vite"}, "private": true}',
         [("run", "npm run dev"), ("test", "npm test")]),
        ("go.mod", "module x.example/shop\n\ngo 1.25\n",
         [("install", "go get x.example/shop"), ("build", "go build ./..."), ("test", "go test ./...")]),
        ("Cargo.toml", '[package]\nname = "x"\n', [("build", "cargo build"), ("test", "cargo test")]),
        ("pom.xml", "<project><artifactId>x</artifactId></project>", [("build", "mvn package"), ("test", "mvn test")]),
        ("composer.json", '{"name": "x/y", "scripts": {"test": "phpunit"}}',
         [("install", "composer install"), ("test", "composer test")]),
        ("mix.exs", "app: :x,", [("install", "mix deps.get"), ("test", "mix test")]),
        ("setup.py", "setup(name='x', entry_points={'console_scripts': ['x = x.cli:main']})", [("install", "pip install x")]),
        ("setup.cfg", "[metadata]\nname = x\n[tool:pytest]\n", [("test", "pytest")]),
        ("tox.ini", "", [("test", "tox")]),
    ],
)  # fmt: skip
def test_each_kind_of_manifest_is_understood(name, text, expected):
    assert [(purpose, command) for purpose, command, _, _ in commands({name: text})] == expected


@pytest.mark.parametrize(
    ("name", "text"),
    [("pyproject.toml", "[project\n"), ("package.json", "[1]"), ("package.json", "{"), ("Cargo.toml", "a = 1\na = 2"),
     ("pyproject.toml", 'project = "x"'), ("composer.json", "null")],
)  # fmt: skip
def test_a_manifest_that_cannot_be_read_spoils_nothing(name, text):
    assert ("test", "tox", "tox.ini", 1) in commands({name: text, "tox.ini": ""})


def test_what_a_part_of_a_section_is_about_decides_over_the_section():
    text = "# X\n\n## Getting started\n\n### Installation\n\n```go\nimport x\n```\n\n### Your first one\n\n```go\nx.Run()\n```\n"

    assert [(one.purpose, one.code) for one in read_readme(text, "markdown").how_to] == [
        ("install", "import x"), ("run", "x.Run()")
    ]  # fmt: skip

from textwrap import dedent

import pytest

from codemuse.contracts.common import Language
from docgen_server.core.analysis.analyser import analyse_file


def analyse(source, path="pkg/a.py"):
    return analyse_file(path, Language.PYTHON, dedent(source).encode())


def test_definitions_carry_signature_doc_and_lines():
    facts = analyse(
        '''
        """Module doc."""
        import os
        from .base import (Thing, other)

        LIMIT = 3

        # Why it is so.
        @decorate
        class Shop(Base):
            """Sells things. And more."""

            SIZE: int = 1

            async def buy(self, item: str = "a: b",  # a remark: here
                          count: int = 1) -> None:
                """Buy."""
                def inner(): pass

            def _hide(self): return 1
        '''
    )
    found = {item.qualified_name: item for item in facts.definitions}

    assert facts.doc == "Module doc."
    assert [(item.target, item.names) for item in facts.imports] == [("os", ()), (".base", ("Thing", "other"))]
    assert found["Shop"].signature == "class Shop(Base)"
    assert (found["Shop"].start_line, found["Shop"].line, found["Shop"].end_line) == (8, 10, 20)
    assert found["Shop"].summary == "Sells things."
    assert found["Shop.buy"].signature == 'async def buy(self, item: str = "a: b", count: int = 1) -> None'
    assert found["Shop.buy"].kind == "method"
    assert found["Shop.buy.inner"].local
    assert found["Shop._hide"].visibility == "private"
    assert found["LIMIT"].kind == found["Shop.SIZE"].kind == "constant"


def test_a_syntax_error_costs_only_its_part():
    facts = analyse("def good():\n    return 1\n\ndef bad(:\n    pass\n\ndef also_good():\n    return 2\n")

    assert facts.reason is None
    assert facts.warnings == ["syntax_error: line 4"]
    assert {"good", "also_good"} <= {item.name for item in facts.definitions}
    assert [finding.rule for finding in facts.findings] == ["syntax-error"]


@pytest.mark.parametrize("source", ["(" * 100_000, "-" * 15_000 + "1", "a" + "[0]" * 4000, "x = " + "[" * 15_000])
def test_deep_nesting_is_survived(source):
    facts = analyse_file(
        "a.py", Language.PYTHON, "\n".join(source[i : i + 5000] for i in range(0, len(source), 5000)).encode()
    )

    assert facts.reason is None


def test_imports_that_are_not_carried_out_on_loading_are_marked():
    facts = analyse(
        """
        from typing import TYPE_CHECKING
        if TYPE_CHECKING:
            import a
        if NEVER:  # pragma: no cover
            import b
        def f():
            import c
        try:
            import d
        except ImportError:
            import e
        """
    )

    assert {item.target: item.deferred for item in facts.imports} == {
        "typing": False, "a": True, "b": True, "c": True, "d": False, "e": False,
    }  # fmt: skip


def rules(source, path="pkg/a.py"):
    return [finding.rule for finding in analyse(source, path).findings]


def test_handlers_that_hide_failures_are_found():
    assert rules("try:\n    a()\nexcept Exception:\n    pass\n") == ["swallowed-exception"]
    assert rules("try:\n    a()\nexcept:\n    b = 1\n") == ["broad-except"]
    assert rules("try:\n    a()\nexcept:\n    call_excepthook()\n") == []


def test_handlers_that_are_explained_or_must_never_fail_are_left_alone():
    assert rules("# may fail at the end of the process\ntry:\n    a()\nexcept Exception:\n    pass\n") == []
    assert rules("def __repr__(self):\n    try:\n        return a()\n    except Exception:\n        return '?'\n") == []


@pytest.mark.parametrize(
    "handler",
    [
        "except ValueError:\n    pass",
        "except Exception:\n    raise",
        "except Exception as error:\n    show(error)",
        "except Exception:\n    logger.exception('x')",
        "except Exception:  # noqa: BLE001\n    pass",
        "except Exception:\n    # The cache is only a help.\n    pass",
    ],
)
def test_handlers_that_let_failures_through_are_left_alone(handler):
    assert rules(f"try:\n    a()\n{handler}\n") == []


def test_tests_may_hide_what_they_like():
    assert rules("try:\n    a()\nexcept Exception:\n    pass\n", path="tests/test_a.py") == []


@pytest.mark.parametrize(
    ("code", "rule"),
    [
        ("def f():\n    return 1\n    print(2)\n", "unreachable-code"),
        ("while a:\n    break\n    b()\n", "unreachable-code"),
        ("def f():\n    return\n    yield\n", None),
        ("def f():\n    if a:\n        return 1\n    b()\n", None),
        ('def f(a):\n    """F.\n\n    Args:\n        a: One.\n        b: Two.\n    """\n', "doc-unknown-parameter"),
        ('def f(a, *, b):\n    """F.\n\n    :param a: One.\n    :param b: Two.\n    """\n', None),
        ('def f(a, **more):\n    """F.\n\n    Args:\n        b: Two.\n    """\n', None),
        (
            'def f(a):\n    """F.\n\n    Parameters\n    ----------\n    c : int\n        One.\n    """\n',
            "doc-unknown-parameter",
        ),
        ("import pickle\npickle.loads(request.body)\n", "unsafe-deserialisation"),
        ("import pickle\npickle.loads(connection.recv(9))  # noqa: S301\n", None),
        ("import pickle\npickle.load(cache_file)\n", None),
        (f"def f({', '.join(f'a{n}' for n in range(10))}): pass\n", "many-parameters"),
        (f"def f(self, *, {', '.join(f'a{n}' for n in range(10))}): pass\n", None),
    ],
)
def test_rules_that_read_the_tree(code, rule):
    assert rules(code) == ([rule] if rule else [])


def test_blocks_within_blocks_are_counted_without_chains_of_elif():
    nested = "".join(f"{'    ' * depth}if a{depth}:\n" for depth in range(1, 8)) + "    " * 8 + "b()\n"
    chain = "    if a:\n        b()\n" + "    elif c:\n        d()\n" * 12

    assert rules(f"def f():\n{nested}") == ["deep-nesting"]
    assert rules(f"def f():\n{chain}") == []


@pytest.mark.parametrize(
    ("comment", "kept"),
    [
        ("# codemuse: ignore[broad-except]", []),
        ("# codemuse: ignore", []),
        ("# codemuse: ignore[todo]", ["broad-except"]),
        ("# noqa: BLE001", []),
        ("# noqa: E501", ["broad-except"]),
    ],
)
def test_comments_switch_rules_off(comment, kept):
    assert rules(f"try:\n    a()\nexcept Exception:  {comment}\n    b()\n    c()\n") == kept
    if "codemuse" in comment:
        assert rules(f"try:\n    a()\n{comment}\nexcept Exception:\n    b()\n    c()\n") == kept


def test_a_comment_switches_a_rule_off_for_a_file():
    code = "# codemuse: ignore-file[todo]\na = 1\n# TODO: x\nb = 2  # TODO: y\n"

    assert rules(code) == []
    assert rules(code.replace("-file", "")) == ["todo", "todo"]


def test_long_and_complex_functions_are_found():
    branches = "".join(f"    if a == {n}:\n        b = {n}\n" for n in range(25))
    long = "".join(f"    a{n} = {n}\n" for n in range(200))

    assert rules(f"def f(a):\n{branches}") == ["complex-function"]
    assert rules(f"def f(a):\n{long}") == ["long-function"]


def test_notes_are_found_in_comments_only():
    facts = analyse("a = 1  # TODO: mend it\nb = 'TODO: not this'\n")

    assert [(finding.rule, finding.message) for finding in facts.findings] == [("todo", "TODO: mend it")]


def test_secrets_are_found_and_masked():
    value = "q7Zr2mW9xK4tB6nD3pFgYjS1"
    facts = analyse(f'API_KEY = "{value}"\n')

    assert [finding.rule for finding in facts.findings] == ["hard-coded-secret"]
    assert value not in facts.findings[0].message


@pytest.mark.parametrize(
    "line",
    ['password = "changeme-please-1"', 'API_KEY = os.environ["API_KEY_NAME"]', 'secret_name = "a sentence with words"'],
)
def test_placeholders_are_no_secrets(line):
    assert rules(line + "\n") == []


def test_secrets_in_tests_are_left_alone():
    value = "q7Zr2mW9xK4tB6nD3pFgYjS1"

    assert rules(f'API_KEY = "{value}"\n', path="tests/test_a.py") == []
    assert rules(f'API_KEY = "{value}"\n', path="docs_src/a.py") == []


BODY = "".join(f"    a{number} = {number}\n" for number in range(9))
DESCRIBED = "".join(f'def f{number}():\n    """F."""\n' for number in range(5))


@pytest.mark.parametrize(
    ("code", "rule"),
    [
        (f"{DESCRIBED}\n\ndef g():\n{BODY}", "missing-doc"),
        (f"{DESCRIBED}\n\n# Does it.\ndef g():\n{BODY}", None),
        (f"{DESCRIBED}\n\ndef g():\n    return 1\n", None),
        (f"{DESCRIBED}\n\ndef _g():\n{BODY}", None),
        (f"{DESCRIBED}\n\ndef __getattr__(name):\n{BODY}", None),
        (f"def a(): ...\n\n\ndef b(): ...\n\n\n{DESCRIBED}\n\ndef g():\n{BODY}", None),
    ],
)
def test_what_lacks_a_doc_comment_is_told_only_where_its_neighbours_have_one(code, rule):
    assert [one for one in rules(code) if one != "unused-variable"] == ([rule] if rule else [])

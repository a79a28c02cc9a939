import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codemuse.contracts.chunks import ChunkKind
from codemuse.contracts.common import Language
from docgen_server.core.analysis.analyser import analyse_file
from docgen_server.core.analysis.chunking import LARGEST_CHARACTERS
from docgen_server.core.analysis.text import decode, split_lines


def assert_covers(source, facts):
    lines = split_lines(decode(source.encode()))
    owners = [0] * len(lines)
    for chunk in facts.chunks:
        assert 1 <= chunk.start_line <= chunk.end_line <= len(lines)
        for number in range(chunk.start_line, chunk.end_line + 1):
            owners[number - 1] += 1
    assert all(owner == 1 for owner, line in zip(owners, lines, strict=True) if line.strip())
    assert max(owners, default=0) <= 1


def function(name, lines):
    return f"def {name}(a):\n" + "".join(f"    value_{n} = compute({n}, a)\n" for n in range(lines))


def test_docstring_decorators_and_comments_stay_with_their_function():
    source = (
        "import os\n\n\n" + function("first", 40) + "\n\n# Says why.\n@decorated\ndef second():\n"
        '    """Doc."""\n' + "".join(f"    value_{n} = compute({n}, other)\n" for n in range(40))
    )

    facts = analyse_file("a.py", Language.PYTHON, source.encode())

    chunk = next(chunk for chunk in facts.chunks if chunk.symbol == "second")
    assert source.split("\n")[chunk.start_line - 1] == "# Says why."
    assert chunk.kind is ChunkKind.FUNCTION
    assert_covers(source, facts)


def test_a_giant_function_is_split_and_its_later_parts_say_whose_they_are():
    source = function("giant", 400)

    facts = analyse_file("a.py", Language.PYTHON, source.encode())

    assert len(facts.chunks) > 5
    assert {chunk.symbol for chunk in facts.chunks} == {"giant"}
    assert facts.chunks[0].signature is None
    assert {chunk.signature for chunk in facts.chunks[1:]} == {"def giant(a)"}
    assert facts.chunks[0].defines == ("giant",)
    assert_covers(source, facts)


def test_small_neighbours_are_joined():
    source = "".join(function(f"f{n}", 2) + "\n\n" for n in range(6))

    facts = analyse_file("a.py", Language.PYTHON, source.encode())

    assert len(facts.chunks) == 1
    assert facts.chunks[0].defines == tuple(f"f{n}" for n in range(6))
    assert facts.chunks[0].symbol is None


def test_a_class_that_fits_is_one_chunk():
    source = 'class A:\n    """Doc."""\n\n    def f(self):\n        return 1\n\n    def g(self):\n        return 2\n'

    facts = analyse_file("a.py", Language.PYTHON, source.encode())

    assert [(chunk.symbol, chunk.kind, chunk.defines) for chunk in facts.chunks] == [
        ("A", ChunkKind.CLASS, ("A", "f", "g"))
    ]


def test_a_class_that_does_not_fit_gives_way_to_its_methods():
    body = "".join(
        f"    def method_{m}(self):\n" + "".join(f"        value_{n} = compute({n})\n" for n in range(30)) + "\n"
        for m in range(4)
    )
    source = f'class Big:\n    """Doc."""\n\n    size = 1\n\n{body}'

    facts = analyse_file("a.py", Language.PYTHON, source.encode())

    assert [chunk.symbol for chunk in facts.chunks][-1] == "Big.method_3"
    assert ChunkKind.METHOD in {chunk.kind for chunk in facts.chunks}
    assert_covers(source, facts)


def test_prose_is_cut_by_headings():
    sections = "".join(f"## Part {n}\n\n" + "Words of this part. " * 60 + "\n\n" for n in range(3))
    source = f"# Guide\n\nIntroduction.\n\n```\n# not a heading\n```\n\n{sections}"

    facts = analyse_file("a.md", Language.MARKDOWN, source.encode())

    assert [chunk.symbol for chunk in facts.chunks][1:] == ["Guide > Part 1", "Guide > Part 2"]
    assert {chunk.kind for chunk in facts.chunks} == {ChunkKind.TEXT}
    assert_covers(source, facts)


def test_settings_are_config():
    source = "".join(f"key_{n}:\n  value: {n}\n" for n in range(300))

    facts = analyse_file("a.yaml", Language.YAML, source.encode())

    assert {chunk.kind for chunk in facts.chunks} == {ChunkKind.CONFIG}
    lines = source.split("\n")
    assert all(not lines[chunk.start_line - 1].startswith(" ") for chunk in facts.chunks)
    assert_covers(source, facts)


def test_an_empty_file_has_no_chunk():
    assert analyse_file("a.py", Language.PYTHON, b"").chunks == []
    assert analyse_file("a.py", Language.PYTHON, b"\n \n\n").chunks == []


@pytest.mark.parametrize("language", [Language.PYTHON, Language.JAVASCRIPT, Language.MARKDOWN, Language.TEXT])
@given(
    st.lists(
        st.sampled_from(
            [
                "",
                "def f(a):",
                "class A:",
                "    x = 1",
                "        y = 2",
                "# note",
                "function g() {",
                "}",
                "## Head",
                "=====",
                "text " * 90,
                "\t",
            ]
        ),
        max_size=120,
    )
)
def test_every_line_lands_in_exactly_one_chunk_of_bounded_size(language, lines):
    source = "\n".join(lines)

    facts = analyse_file("a", language, source.encode())

    assert_covers(source, facts)
    split = split_lines(source)
    for chunk in facts.chunks:
        text = "\n".join(split[chunk.start_line - 1 : chunk.end_line])
        assert len(text) <= LARGEST_CHARACTERS


@given(st.text(alphabet=string.printable, max_size=400))
def test_any_text_is_survived_as_python(source):
    facts = analyse_file("a.py", Language.PYTHON, source.encode())

    assert facts.reason is None
    assert_covers(source, facts)

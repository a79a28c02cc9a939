import codecs

import pytest

from codemuse.contracts.common import Language
from docgen_server.core.analysis.analyser import analyse_file
from docgen_server.core.analysis.model import first_sentence
from docgen_server.core.analysis.text import Undecodable, decode, split_lines


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ("grün\r\nblau\rrot\n".encode(), "grün\nblau\nrot\n"),
        (codecs.BOM_UTF8 + "한국어".encode(), "한국어"),
        ("한국어".encode("utf-16"), "한국어"),
        ("# coding: cp949\nx = '한국어'\n".encode("cp949"), "# coding: cp949\nx = '한국어'\n"),
        ("Überall läßt man Grüße zurück, schön für Bücher.\n".encode("latin-1") * 20, None),
        (b"a\0b", "a\ufffdb"),
    ],
)
def test_text_is_decoded_in_the_encoding_it_is_in(data, text):
    assert decode(data) == text if text else "\ufffd" not in decode(data)


def test_an_unknown_declared_encoding_is_no_crash():
    assert decode(b"# coding: nonsense\nprint('\xfc')\n")


def test_random_bytes_are_undecodable():
    data = bytes((n * 73 + n // 7) % 256 for n in range(4000))

    with pytest.raises(Undecodable):
        decode(data)
    assert analyse_file("a.py", Language.PYTHON, data).reason == "undecodable"


def test_only_newlines_end_lines():
    assert split_lines("a\x0cb\u2028c\nd\n") == ["a\x0cb\u2028c", "d"]
    assert split_lines("") == []


def test_a_line_that_nobody_can_read_is_quarantined():
    facts = analyse_file("a.py", Language.PYTHON, b"x = '" + b"a" * 30_000 + b"'\n")

    assert facts.reason == "line_too_long"
    assert facts.chunks == []


def test_first_sentences_are_short():
    assert first_sentence("One. Two.") == "One."
    assert first_sentence("One\ngoes on.\n\nTwo") == "One goes on."
    assert len(first_sentence("a" * 1000)) == 300

"""Taking lines out of what is searched."""

from codemuse.contracts.chunks import Chunk, ChunkKind
from orchestrator.features.evaluations.cutting import cut, without_lines


def make_chunk(**overrides) -> Chunk:
    given = {
        "path": "a.py",
        "start_line": 10,
        "end_line": 12,
        "language": "python",
        "kind": ChunkKind.FUNCTION,
        "symbol": "Shop.send",
        "signature": "def send():",
        "defines": ["send"],
        "text": 'def send():\n    """Send it."""\n    return 1',
    }
    return Chunk(**{**given, **overrides})


def test_hidden_lines_are_empty_and_the_others_keep_their_numbers() -> None:
    left = without_lines(make_chunk(), [(11, 11)])
    assert left is not None
    assert left.text == "def send():\n\n    return 1"
    assert (left.symbol, left.defines, left.start_line, left.end_line) == ("Shop.send", ["send"], 10, 12)


def test_names_go_with_their_lines() -> None:
    left = without_lines(make_chunk(), [(10, 11)])
    assert left is not None
    assert (left.symbol, left.signature, left.defines) == (None, None, [])


def test_a_chunk_of_which_nothing_is_left_goes() -> None:
    other = make_chunk(path="b.py")
    assert cut([make_chunk(), other], {"a.py": [(1, 11), (12, 30)]}) == [other]


def test_a_chunk_elsewhere_in_the_file_stays_as_it_is() -> None:
    chunk = make_chunk()
    assert without_lines(chunk, [(1, 9), (13, 20)]) is chunk

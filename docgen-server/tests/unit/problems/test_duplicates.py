from docgen_server.core.analysis.fingerprints import fingerprints
from docgen_server.core.linking.file_links import FileLinks
from docgen_server.core.problems.duplicates import find_duplicates


def lines(name, count):
    return [f"    {name}_{number} = compute({number}, {name})" for number in range(count)]


def make_file(path, text):
    return FileLinks(path, "python", [], fingerprints=fingerprints(text))


def test_a_copied_block_is_found_once_with_its_lines():
    copied = lines("shared", 30)
    first = make_file("a.py", [*lines("a", 12), *copied, *lines("b", 12)])
    second = make_file("b.py", [*lines("c", 5), "", "# a remark", *copied, *lines("d", 9)])

    [(one, other)] = find_duplicates([first, second])

    assert (one.path, other.path) == ("a.py", "b.py")
    assert 13 <= one.start_line <= 18
    assert 37 <= one.end_line <= 42
    assert one.end_line - one.start_line == other.end_line - other.start_line


def test_short_repetitions_and_imports_are_no_copies():
    short = lines("x", 12)
    imports = [f"import module_{number}" for number in range(40)]

    assert find_duplicates([make_file("a.py", short), make_file("b.py", short)]) == []
    assert find_duplicates([make_file("a.py", imports), make_file("b.py", imports)]) == []


def test_what_a_program_wrote_and_parameters_are_no_copies():
    generated = ['"""Codec generated from tables/8859-1.txt with gencodec.py."""', *lines("shared", 30)]
    assert find_duplicates([make_file("a.py", generated), make_file("b.py", generated)]) == []

    head = FileLinks("a.py", "python", [], fingerprints=fingerprints(lines("shared", 30), [(1, 28)]))
    assert find_duplicates([head, make_file("b.py", lines("shared", 30))]) == []


def test_a_copy_within_one_file_is_found():
    copied = lines("shared", 30)

    [(one, other)] = find_duplicates([make_file("a.py", [*copied, *lines("a", 5), *copied])])

    assert one.end_line < other.start_line

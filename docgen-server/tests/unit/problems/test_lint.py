import pytest

from docgen_server.core.lint.ruff import RuffLinter


@pytest.fixture
def linter():
    return RuffLinter(timeout_seconds=30, memory_bytes=2**31)


async def test_each_file_has_the_findings_that_are_its_own(linter):
    files = [b"def f(a=[]): pass\n", b"x = 1\n", b"import subprocess\ndef g(c): subprocess.run(c, shell=True)\n"]
    found = await linter.lint(files)

    assert [[item.rule for item in findings] for findings in found] == [["mutable-default"], [], ["shell-injection"]]
    assert (found[0][0].start_line, found[0][0].severity) == (1, "warning")


async def test_a_configuration_among_the_files_changes_nothing(linter):
    assert await linter.lint([b"[lint]\nselect = []\n", b"def f(a={}): pass  # noqa: B006\n"]) == [[], []]


async def test_a_variable_that_a_loop_reads_in_its_next_round_is_used(linter):
    carried = b"def f(lines):\n    for line in lines:\n        if line:\n            print(start)\n        else:\n            start = line\n"
    unused = b"def f(lines):\n    for line in lines:\n        start = line.strip()\n"

    named = b"def f(lines):\n    dummy = lines.read()\n"

    found = await linter.lint([carried, unused, named])
    assert [[item.rule for item in one] for one in found] == [[], ["unused-variable"], []]


@pytest.mark.parametrize(
    ("code", "is_told"),
    [
        ("def f(text): return eval(text)", True),
        ("def f(text): return eval(text, {'__builtins__': {}})", True),
        ("def f(text, frame): return eval(text, frame.f_globals, frame.f_locals)", False),
        ("def f(path, names): return eval(compile(path.read(), path, 'exec'), names)", False),
        ("def f(names): return eval('dir()', names)", False),
        ("def f(command): run(command, shell=True)", True),
        ("def f():\n    for command in ('ver', 'cmd /c ver'):\n        run(command, shell=True)", False),
        ("def f(other):\n    for command in ('ver', other):\n        run(command, shell=True)", True),
        ("def f(parts):\n    nil, host, nil, nil = parts\n    return host", False),
        ("def f(parts):\n    a, a = parts\n    return a", True),
        ("def f(name): return 'select * from ' + name + ' where x = 1'", True),
        ("def f(name): return 'Select a key from ' + name + ' where you like'", False),
    ],
)
async def test_what_is_meant_is_not_told(linter, code, is_told):
    assert bool((await linter.lint([f"from subprocess import run\n{code}\n".encode()]))[0]) == is_told


async def test_broken_files_and_no_files_are_fine(linter):
    assert await linter.lint([b"def (", b"\xff\xfe\x00"]) == [[], []]
    assert await linter.lint([]) == []


async def test_a_linter_that_takes_too_long_is_ended_and_says_nothing(tmp_path):
    slow = tmp_path / "slow"
    slow.write_text("#!/bin/sh\nsleep 60\n")
    slow.chmod(0o755)

    assert await RuffLinter(0.2, 2**31, str(slow)).lint([b"def f(a=[]): pass\n"]) == [[]]

import pytest

from docgen_server.core.archives.names import MemberNames, visible
from docgen_server.core.errors import ArchiveUnsafePath


def accept(names, name, **kind):
    return names.accept(name, **({"is_folder": False, "is_regular": True} | kind))


@pytest.mark.parametrize(
    "name",
    ["../../app/main.py", "/etc/cron.d/x", "..\\..\\x", "C:\\x", "c:x", "a/../../b", "\\x", "a/..", "./../x"],
)
def test_names_that_climb_out_refuse_the_whole_archive(name):
    with pytest.raises(ArchiveUnsafePath):
        accept(MemberNames(), name)


@pytest.mark.parametrize("name", ["../x", "/x"])
def test_even_as_a_folder_or_a_link(name):
    with pytest.raises(ArchiveUnsafePath):
        accept(MemberNames(), name, is_folder=True, is_regular=False)


def test_plain_names_are_taken_without_their_dots():
    assert accept(MemberNames(), "./a//b.py") == "a/b.py"
    assert accept(MemberNames(), "a\\b.py") == "a/b.py"
    assert accept(MemberNames(), "a/", is_folder=True) is None


def test_what_is_left_out_is_told():
    names = MemberNames()

    assert accept(names, "link", is_regular=False) is None
    assert accept(names, "a\r\nSet-Cookie: x=1") is None
    assert accept(names, "photo\u202egpj.py") is None
    assert accept(names, "bad\udcff.py") is None
    assert accept(names, "x" * 5000) is None
    assert accept(names, ".git/config") is None
    assert names.skipped["link"] == "not_a_file"
    assert names.skipped["a\\u000d\\u000aSet-Cookie: x=1"] == "unreadable_name"
    assert ".git/config" not in names.skipped
    assert len(names.skipped) == 5


def test_names_that_mean_the_same_place_are_taken_once():
    names = MemberNames()

    assert accept(names, "a/Caf\u00e9.py")
    assert accept(names, "a/cafe\u0301.py") is None
    assert accept(names, "A/CAF\u00c9.py") is None
    assert accept(names, "a/Caf\u00e9.py/x") is None
    assert accept(names, "A") is None
    assert sorted(names.skipped.values()) == ["duplicate_name", "duplicate_name", "name_conflict", "name_conflict"]


def test_html_in_a_name_is_only_a_name():
    assert accept(MemberNames(), "<img src=x onerror=alert(1)>.py") == "<img src=x onerror=alert(1)>.py"


def test_control_characters_are_made_visible():
    assert visible("a\x1b[0m") == "a\\u001b[0m"

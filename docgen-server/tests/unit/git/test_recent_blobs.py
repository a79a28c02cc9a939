from pathlib import Path

from docgen_server.core.git.mirror import RecentBlobs

ONE, OTHER = Path("one.git"), Path("other.git")


def test_contents_are_remembered_until_newer_ones_need_the_room():
    recent = RecentBlobs(most_bytes=10)
    recent.keep(ONE, {"a": b"12345"})
    recent.keep(ONE, {"a": b"12345", "b": b"1234"})
    assert recent.find(ONE, "a") == b"12345"

    recent.keep(OTHER, {"c": b"123"})

    assert recent.find(ONE, "a") is None
    assert recent.find(ONE, "b") == b"1234"
    assert recent.find(ONE, "c") is None, "what one repository has is none of another's business"


def test_a_content_that_is_too_large_is_not_kept():
    recent = RecentBlobs(most_bytes=4)
    recent.keep(ONE, {"a": b"12345"})
    assert recent.find(ONE, "a") is None


def test_what_a_removed_repository_had_is_forgotten():
    recent = RecentBlobs()
    recent.keep(ONE, {"a": b"1"})
    recent.keep(OTHER, {"b": b"2"})

    recent.drop(ONE)

    assert recent.find(ONE, "a") is None
    assert recent.find(OTHER, "b") == b"2"

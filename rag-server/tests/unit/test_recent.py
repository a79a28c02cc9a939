"""A bounded number of chunks is kept."""

import pytest

from rag_server.core.points import RepositoryKey, StoredChunk
from rag_server.core.recent import RecentChunks


@pytest.fixture
def chunk(make_chunk):
    return StoredChunk.of(make_chunk(), RepositoryKey("org", "repo"), generation=1, commit="c")


def test_what_was_read_is_there_again(chunk):
    recent = RecentChunks(4)
    recent.remember({"1": chunk, "2": chunk})
    assert recent.get("1") is chunk
    assert recent.get("3") is None


def test_the_older_half_makes_room(chunk):
    recent = RecentChunks(4)
    recent.remember(dict.fromkeys("1234", chunk))
    recent.remember({"5": chunk})
    assert sorted(recent) == ["3", "4", "5"]


def test_it_never_holds_more_than_it_may(chunk):
    recent = RecentChunks(4)
    for start in range(0, 40, 3):
        recent.remember({str(number): chunk for number in range(start, start + 3)})
        assert len(recent) <= 4

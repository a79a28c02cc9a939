from rag_server.core.points import RepositoryKey, StoredChunk
from rag_server.core.recent import RecentChunks


def stored(make_chunk, number):
    key = RepositoryKey("org", "repo")
    return StoredChunk.of(make_chunk(text=f"line {number}"), key, generation=1, commit="c")


def test_the_ones_not_asked_for_longest_are_forgotten(make_chunk):
    first, second, third = (stored(make_chunk, number) for number in range(3))
    recent = RecentChunks(2)
    recent.put([first, second])
    recent.get([first.id])
    assert recent.put([third]) == {third.id: third}
    assert recent.get([first.id, second.id, third.id]) == {first.id: first, second.id: None, third.id: third}

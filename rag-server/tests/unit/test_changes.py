from rag_server.core.points import RepositoryKey, StoredChunk
from rag_server.features.generations.changes import plan_changes

KEY = RepositoryKey("org", "repo")


def stored(chunk, generation=1):
    return StoredChunk.of(chunk, KEY, generation=generation, commit="c")


def test_new_chunks_are_inserted(make_chunk):
    chunk = stored(make_chunk())
    assert plan_changes([], [chunk], 1).insert == [chunk]


def test_unchanged_chunks_are_kept_as_they_are(make_chunk):
    old, new = stored(make_chunk()), stored(make_chunk(), 2)
    changes = plan_changes([old], [new], 2)
    assert changes.keep == [old]
    assert [changes.insert, changes.close, changes.remove, changes.reopen] == [[], [], [], []]


def test_vanished_chunks_are_closed(make_chunk):
    old = stored(make_chunk())
    assert plan_changes([old], [], 2).close == [old]


def test_what_an_earlier_attempt_inserted_is_removed(make_chunk):
    earlier = stored(make_chunk(), 2)
    assert plan_changes([earlier], [], 2).remove == [earlier]


def test_what_an_earlier_attempt_closed_is_opened_again(make_chunk):
    closed = stored(make_chunk())._replace(last_generation=1)
    changes = plan_changes([closed], [stored(make_chunk(), 2)], 2)
    assert changes.reopen == [closed]
    assert not changes.insert


def test_what_is_closed_already_stays_closed(make_chunk):
    closed = stored(make_chunk())._replace(last_generation=1)
    changes = plan_changes([closed], [], 2)
    assert [changes.close, changes.remove] == [[], []]


def test_a_chunk_that_is_sent_twice_is_inserted_once(make_chunk):
    assert len(plan_changes([], [stored(make_chunk()), stored(make_chunk())], 1).insert) == 1

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from embedding_server.core.jobs import Job
from embedding_server.core.schedule import QUERY_BATCHES_IN_A_ROW, SHARED_PARTS, Priority, Schedule, cut_by_length


@pytest.fixture
def loop():
    loop = asyncio.new_event_loop()
    loop.set_exception_handler(lambda *_: None)  # nobody looks at the outcome of jobs that are abandoned here
    yield loop
    loop.close()


def make_job(loop, *lengths):
    return Job([[1] * length for length in lengths], 2, loop.create_future())


def drain(schedule, *, shared=False):
    batches = []
    while batch := schedule.next_batch(shared=shared).pieces:
        batches.append(batch)
    return batches


def test_queries_go_ahead_of_bulk_that_waits_longer(loop):
    schedule = Schedule(batch_tokens=10, capacity_tokens=1000)
    bulk, query = make_job(loop, 5, 5), make_job(loop, 3)
    schedule.add(bulk, Priority.BULK)
    schedule.add(query, Priority.QUERY)
    assert [batch[0].job for batch in drain(schedule)] == [query, bulk]


def test_bulk_is_not_starved_by_a_stream_of_queries(loop):
    schedule = Schedule(batch_tokens=4, capacity_tokens=1000)
    bulk = make_job(loop, 4)
    schedule.add(bulk, Priority.BULK)
    schedule.add(make_job(loop, *[4] * 20), Priority.QUERY)
    jobs = [batch[0].job for batch in drain(schedule)]
    assert jobs.index(bulk) == QUERY_BATCHES_IN_A_ROW


def test_texts_of_different_callers_share_a_batch(loop):
    schedule = Schedule(batch_tokens=12, capacity_tokens=1000)
    first, second = make_job(loop, 4), make_job(loop, 3, 4)
    schedule.add(first, Priority.BULK)
    schedule.add(second, Priority.BULK)
    (batch,) = drain(schedule)
    assert {piece.job for piece in batch} == {first, second}


def test_abandoned_texts_are_dropped_and_free_their_place(loop):
    schedule = Schedule(batch_tokens=10, capacity_tokens=30)
    gone, kept = make_job(loop, 10, 10), make_job(loop, 5)
    schedule.add(gone, Priority.BULK)
    schedule.add(kept, Priority.BULK)
    gone.fail(RuntimeError())
    assert [[piece.job for piece in batch] for batch in drain(schedule)] == [[kept]]
    assert schedule.waiting_tokens == 0


def test_a_job_that_is_abandoned_after_its_window_was_cut_is_dropped_too(loop):
    schedule = Schedule(batch_tokens=5, capacity_tokens=100)
    job = make_job(loop, 5, 5)
    schedule.add(job, Priority.BULK)
    assert len(schedule.next_batch().pieces) == 1
    job.fail(RuntimeError())
    assert schedule.next_batch().pieces == []
    assert schedule.waiting_tokens == 0


def test_an_abandoned_query_does_not_hide_the_bulk_behind_it(loop):
    schedule = Schedule(batch_tokens=5, capacity_tokens=100)
    query, bulk = make_job(loop, 5), make_job(loop, 4)
    schedule.add(query, Priority.QUERY)
    schedule.add(bulk, Priority.BULK)
    query.fail(RuntimeError())
    assert schedule.next_batch().pieces[0].job is bulk


def test_the_queue_says_when_it_is_full(loop):
    schedule = Schedule(batch_tokens=10, capacity_tokens=10)
    schedule.add(make_job(loop, 8), Priority.BULK)
    assert schedule.fits(2)
    assert not schedule.fits(3)


def test_bulk_comes_in_short_batches_while_queries_are_expected(loop):
    schedule = Schedule(batch_tokens=12, capacity_tokens=1000)
    schedule.add(make_job(loop, 2, 2, 2, 2, 2, 2), Priority.BULK)
    assert [len(schedule.next_batch(shared=shared).pieces) for shared in (True, False, False)] == [2, 4, 0]
    assert schedule.waiting_tokens == 0


@given(
    st.lists(st.integers(min_value=0, max_value=40), max_size=200),
    st.integers(min_value=1, max_value=64),
    st.booleans(),
)
def test_every_text_is_computed_once_within_the_padded_budget(lengths, budget, shared):
    loop = asyncio.new_event_loop()
    schedule = Schedule(batch_tokens=budget, capacity_tokens=100_000)
    job = make_job(loop, *lengths)
    schedule.add(job, Priority.BULK)
    batches = drain(schedule, shared=shared)
    loop.close()
    assert sorted(piece.row for batch in batches for piece in batch) == list(range(len(lengths)))
    most = budget // SHARED_PARTS if shared else budget
    assert all(len(batch) == 1 or max(p.cost for p in batch) * len(batch) <= most for batch in batches)
    assert schedule.waiting_tokens == 0


def test_similar_lengths_are_cut_together(loop):
    schedule = Schedule(batch_tokens=20, capacity_tokens=1000)
    schedule.add(make_job(loop, 1, 10, 1, 10), Priority.BULK)
    assert [[piece.cost for piece in batch] for batch in drain(schedule)] == [[10, 10], [1, 1]]


def test_nothing_is_cut_from_nothing():
    assert cut_by_length([], 10) == []

import asyncio
from contextlib import asynccontextmanager

import numpy as np
import pytest

from codemuse.testing import eventually
from embedding_server.core.batcher import INLINE_CHARACTERS, Batcher
from embedding_server.core.errors import QueueFull, TooManyTokens
from embedding_server.core.schedule import Priority


@asynccontextmanager
async def running(backend, capacity=1000):
    async with Batcher(backend, capacity_tokens=capacity).running() as batcher:
        yield batcher


async def test_vectors_come_back_in_the_order_of_the_texts(tiny_backend, expected_vector):
    texts = ["a", "a much longer text", "", "bb"]
    async with running(tiny_backend) as batcher:
        embedded = await batcher.embed(texts, Priority.BULK)
    assert np.array_equal(embedded.vectors, np.stack([expected_vector(text) for text in texts]))
    assert embedded.tokens == sum(map(len, texts))


async def test_callers_share_batches(make_backend):
    backend = make_backend(batch_tokens=512)
    backend.may_compute.clear()
    async with running(backend) as batcher:
        calls = [asyncio.create_task(batcher.embed(["text 0"], Priority.QUERY))]
        await eventually(lambda: backend.started == 1)
        calls += [asyncio.create_task(batcher.embed([f"text {n}"], Priority.QUERY)) for n in range(1, 6)]
        await eventually(lambda: batcher.count_waiting_tokens() == 5 * len("text n"))
        backend.may_compute.set()
        await asyncio.gather(*calls)
    assert [len(batch) for batch in backend.batches] == [1, 5]


async def test_all_workers_answer_queries_where_nothing_else_waits(make_backend):
    backend = make_backend(workers=2)
    backend.may_compute.clear()
    async with running(backend) as batcher:
        calls = [asyncio.create_task(batcher.embed([text], Priority.QUERY)) for text in ("first", "second")]
        await eventually(lambda: backend.started == 2)
        backend.may_compute.set()
        await asyncio.gather(*calls)


async def test_with_several_workers_one_answers_queries_and_the_others_go_on_with_bulk(make_backend):
    backend = make_backend(batch_tokens=512, workers=2)
    backend.may_compute.clear()
    async with running(backend) as batcher:
        calls = [asyncio.create_task(batcher.embed(["first"], Priority.QUERY))]
        await eventually(lambda: backend.started == 1)
        calls += [asyncio.create_task(batcher.embed([text], Priority.QUERY)) for text in ("second", "third")]
        calls += [asyncio.create_task(batcher.embed(["bulk"], Priority.BULK))]
        await eventually(lambda: backend.started == 2)
        assert batcher.count_waiting_tokens() == len("second") + len("third")
        backend.may_compute.set()
        await asyncio.gather(*calls)
    assert sorted(map(len, backend.batches)) == [1, 1, 2]


async def test_bulk_leaves_gaps_for_questions_only_while_some_are_asked(tiny_backend):
    async with running(tiny_backend) as batcher:
        bulk = ["x" * 10] * 6
        await batcher.embed(bulk, Priority.BULK)
        await batcher.embed(["a question"], Priority.QUERY)
        await batcher.embed(bulk, Priority.BULK)
    assert [len(batch) for batch in tiny_backend.batches] == [6, 1, 2, 2, 2]


async def test_a_full_queue_refuses_at_once(tiny_backend):
    tiny_backend.may_compute.clear()
    async with running(tiny_backend, capacity=40) as batcher:
        first = asyncio.create_task(batcher.embed(["x" * 30], Priority.BULK))
        await eventually(lambda: tiny_backend.started == 1)
        second = asyncio.create_task(batcher.embed(["y" * 30], Priority.BULK))
        await asyncio.sleep(0)
        with pytest.raises(QueueFull) as refused:
            await batcher.embed(["z" * 30], Priority.BULK)
        tiny_backend.may_compute.set()
        await asyncio.gather(first, second)
    assert refused.value.retry_after


async def test_what_could_never_fit_is_told_to_be_split(tiny_backend):
    async with running(tiny_backend, capacity=40) as batcher:
        with pytest.raises(TooManyTokens):
            await batcher.embed(["x" * 30] * 2, Priority.BULK)


async def test_a_caller_that_leaves_is_not_computed(tiny_backend):
    tiny_backend.may_compute.clear()
    async with running(tiny_backend) as batcher:
        first = asyncio.create_task(batcher.embed(["first"], Priority.BULK))
        await eventually(lambda: tiny_backend.started == 1)
        leaving = asyncio.create_task(batcher.embed(["leaving"], Priority.BULK))
        await asyncio.sleep(0)
        leaving.cancel()
        tiny_backend.may_compute.set()
        await first
        await batcher.embed(["last"], Priority.BULK)
    computed = ["".join(map(chr, tokens)) for batch in tiny_backend.batches for tokens in batch]
    assert computed == ["first", "last"]


async def test_a_failing_model_fails_the_callers_of_that_batch_only(tiny_backend):
    tiny_backend.failure = RuntimeError("out of memory")
    async with running(tiny_backend) as batcher:
        with pytest.raises(RuntimeError, match="out of memory"):
            await batcher.embed(["a", "b"], Priority.BULK)
        tiny_backend.failure = None
        assert (await batcher.embed(["a"], Priority.BULK)).tokens == 1


async def test_a_failure_after_the_caller_left_is_swallowed(tiny_backend):
    tiny_backend.may_compute.clear()
    tiny_backend.failure = RuntimeError("out of memory")
    async with running(tiny_backend) as batcher:
        leaving = asyncio.create_task(batcher.embed(["a"], Priority.BULK))
        await eventually(lambda: tiny_backend.started == 1)
        leaving.cancel()
        tiny_backend.may_compute.set()
        await eventually(lambda: tiny_backend.batches)
        tiny_backend.failure = None
        await batcher.embed(["b"], Priority.BULK)


async def test_big_inputs_are_tokenized_off_the_event_loop(tiny_backend):
    async with running(tiny_backend, capacity=10_000) as batcher:
        embedded = await batcher.embed(["x" * INLINE_CHARACTERS, "y"], Priority.BULK)
    assert embedded.vectors.shape == (2, 8)

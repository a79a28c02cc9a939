"""Compaction replaces the shard under running readers and writers, and loses nothing."""

import asyncio
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager

import pytest

from rag_server.core import edge_engine
from rag_server.core.edge_engine import open_engine
from rag_server.core.edge_shard import ShardFiles, ensure_build
from rag_server.core.edge_store import QdrantEdgeStore
from rag_server.core.points import OPEN, Point, RepositoryKey, Snapshot, StoredChunk
from rag_server.core.sparse import encode_chunk, encode_query
from rag_server.core.store import CollectionShape, Probe, VectorName, Where
from rag_server.core.term_file import TermFile

KEY = RepositoryKey("org", "repo")
SNAPSHOT = Snapshot(KEY, 1)
SIZE = 256


@pytest.fixture(autouse=True)
def _no_compaction_of_its_own(monkeypatch):
    monkeypatch.setattr(edge_engine, "WORTHWHILE_POINTS", 10**9)


@pytest.fixture
def make_points(make_chunk):
    def make(*numbers):
        points = []
        for number in numbers:
            chunk = make_chunk(path=f"{number}.py", text=f"word{number} shared", symbol=None, defines=[])
            stored = StoredChunk.of(chunk, KEY, generation=1, commit="c")
            axis = [float(position == number % SIZE) for position in range(SIZE)]
            points.append(Point(stored, encode_chunk(chunk), axis, axis))
        return points

    return make


@pytest.fixture
def open_index(tmp_path):
    files = ShardFiles(tmp_path / "collection")

    @asynccontextmanager
    async def opened(*, quantised=False):
        build = ensure_build(files, CollectionShape(fast_dimensions=SIZE, dense_dimensions=SIZE))
        with ThreadPoolExecutor(2) as threads:
            async with open_engine(files, build, threads, quantised=quantised) as engine:
                yield engine, QdrantEdgeStore(engine, TermFile(files.folder))

    return opened


def builds(tmp_path):
    return sorted(place.name for place in (tmp_path / "collection").iterdir() if place.is_dir())


async def paths(store, word):
    (scored,) = await store.search([SNAPSHOT], [Probe(VectorName.CODE, encode_query(word))], limit=5)
    chunks = await store.read_chunks([SNAPSHOT], [item.chunk_id for item in scored])
    return [chunk.path for chunk in chunks.values() if chunk.text.split()[0] == word]


async def nearest(store, number):
    axis = [float(position == number % SIZE) for position in range(SIZE)]
    (scored,) = await store.search([SNAPSHOT], [Probe(VectorName.DENSE, axis)], limit=1)
    chunks = await store.read_chunks([SNAPSHOT], [scored[0].chunk_id])
    return chunks[scored[0].chunk_id].path


async def nearest_all(store, number):
    """Everything that lies on the same axis."""
    axis = [float(position == number % SIZE) for position in range(SIZE)]
    (scored,) = await store.search([SNAPSHOT], [Probe(VectorName.DENSE, axis)], limit=30)
    chunks = await store.read_chunks([SNAPSHOT], [item.chunk_id for item in scored if item.score > 0.5])
    return {chunk.path for chunk in chunks.values()}


async def test_a_compacted_index_has_graphs_and_answers_as_before(open_index, make_points, tmp_path):
    async with open_index() as (engine, store):
        await store.upsert(make_points(*range(SIZE), *range(1_000, 6_000)))
        assert await paths(store, "word1234") == ["1234.py"]
        assert await engine.compact()
        info = await engine.read(lambda view: view.shard.info())
        assert info.indexed_vectors_count >= 3 * info.points_count
        assert await paths(store, "word1234") == ["1234.py"]
        assert await nearest(store, 17) in {f"{n}.py" for n in (17, *range(1_000, 6_000)) if n % SIZE == 17}
        assert await store.count(SNAPSHOT) == 5_000 + SIZE
    assert builds(tmp_path) == ["2"]


async def test_quantised_vectors_find_what_whole_ones_find(open_index, make_points, tmp_path):
    async with open_index(quantised=True) as (engine, store):
        await store.upsert(make_points(*range(6_000)))
        whole = [await nearest_all(store, number) for number in range(0, SIZE, 16)]
        assert await engine.compact()
        assert list((tmp_path / "collection").glob("*/segments/*/**/quantized*"))
        assert [await nearest_all(store, number) for number in range(0, SIZE, 16)] == whole


async def test_an_index_is_quantised_once_that_is_wanted(open_index, make_points, tmp_path, monkeypatch):
    async with open_index() as (engine, store):
        await store.upsert(make_points(*range(6_000)))
        assert await engine.compact()
    monkeypatch.setattr(edge_engine, "WORTHWHILE_POINTS", 100)
    async with open_index(), asyncio.timeout(60):
        await asyncio.sleep(1.5 * edge_engine.QUIET_SECONDS)
        assert not list((tmp_path / "collection").glob("*/segments/*/**/quantized*"))
    async with open_index(quantised=True), asyncio.timeout(120):
        while not list((tmp_path / "collection").glob("*/segments/*/**/quantized*")):
            await asyncio.sleep(0.1)


async def test_what_is_written_during_a_compaction_is_kept(open_index, make_points, tmp_path):
    async with open_index() as (engine, store):
        await store.upsert(make_points(*range(3_000)))
        compacting = asyncio.create_task(engine.compact())
        while len(builds(tmp_path)) < 2:
            await asyncio.sleep(0.01)
        await store.upsert(make_points(9_001))
        gone = make_points(5)[0].chunk.id
        await store.set_last_generation(KEY, [gone], 0)
        await store.delete(KEY, Where(equal={"path": "6.py"}))
        assert await paths(store, "word9001") == ["9001.py"]
        assert await compacting
        assert await paths(store, "word9001") == ["9001.py"]
        assert await paths(store, "word5") == []
        assert await paths(store, "word6") == []
    async with open_index() as (_, store):
        assert await store.count(SNAPSHOT) == 2_999
        assert await paths(store, "word9001") == ["9001.py"]


async def test_a_write_whose_caller_leaves_is_not_lost_by_a_compaction(open_index, make_points, tmp_path):
    async with open_index() as (engine, store):
        await store.upsert(make_points(*range(3_000)))
        compacting = asyncio.create_task(engine.compact())
        while len(builds(tmp_path)) < 2:
            await asyncio.sleep(0.01)
        for number in range(20):
            closing = store.set_last_generation(KEY, [make_points(number)[0].chunk.id], 0)
            leaving = asyncio.create_task(closing)
            await asyncio.sleep(number * 0.0005)
            leaving.cancel()
        await store.delete(KEY, Where(equal={"path": "2999.py"}))  # writers take turns: all before are done
        before = await store.count(SNAPSHOT)
        assert before < 2_990
        assert await compacting
        assert await store.count(SNAPSHOT) == before


async def test_a_write_whose_caller_leaves_is_counted_all_the_same(open_index, make_points):
    async with open_index() as (_, store):  # which keeps no counts: they are counted anew below
        await store.upsert(make_points(*range(40)))
        for number in range(20):
            for write in (
                store.upsert(make_points(100 + number)),
                store.delete(KEY, Where(equal={"path": f"{number}.py"})),
            ):
                leaving = asyncio.create_task(write)
                await asyncio.sleep(number * 0.0005)
                leaving.cancel()
        (counted,) = await scores(store, "word37 shared")
    async with open_index() as (_, store):
        assert (await scores(store, "word37 shared")) == [counted]


async def scores(store, words):
    (scored,) = await store.search([SNAPSHOT], [Probe(VectorName.CODE, encode_query(words))], limit=1)
    return [item.score for item in scored]


async def test_the_log_is_let_go_once_the_segments_hold_what_it_says(open_index, make_chunk, tmp_path):
    async with open_index() as (_, store):
        for start in range(0, 5_000, 250):
            chunks = [make_chunk(path=f"{number}.py", text="x" * 50_000) for number in range(start, start + 250)]
            stored = [StoredChunk.of(chunk, KEY, generation=1, commit="c") for chunk in chunks]
            await store.upsert([Point(one, encode_chunk(chunks[0]), [1.0] * SIZE, None) for one in stored])
        async with asyncio.timeout(30):
            while sum(file.stat().st_size for file in tmp_path.glob("collection/*/wal/*")) > 5_000 * 50_000 * 0.6:
                await asyncio.sleep(0.1)
    async with open_index() as (_, store):
        assert await store.count(SNAPSHOT) == 5_000


async def test_a_process_that_dies_during_a_compaction_leaves_the_index_as_it_was(open_index, make_points, tmp_path):
    async with open_index() as (_, store):
        await store.upsert(make_points(*range(3_000)))
    (tmp_path / "collection" / "2" / "segments").mkdir(parents=True)
    async with open_index() as (engine, store):
        assert await store.count(SNAPSHOT) == 3_000
        assert await engine.compact()
        assert await store.count(SNAPSHOT) == 3_000
    assert builds(tmp_path) == ["2"]


async def test_a_compaction_that_fails_changes_nothing(open_index, make_points, tmp_path, monkeypatch):
    async with open_index() as (engine, store):
        await store.upsert(make_points(*range(10)))
        monkeypatch.setattr(sys, "executable", "/bin/false")
        with pytest.raises(RuntimeError, match="status 1"):
            await engine.compact()
        await store.upsert(make_points(11))
        assert await store.count(SNAPSHOT) == 11
    assert builds(tmp_path) == ["1"]


async def test_a_compaction_is_given_up_when_too_much_is_written(open_index, make_points, tmp_path, monkeypatch):
    monkeypatch.setattr(edge_engine, "MOST_RECORDED_POINTS", 0)
    monkeypatch.setattr(edge_engine, "QUIET_SECONDS", 0.01)
    async with open_index() as (engine, store):
        await store.upsert(make_points(*range(3_000)))
        compacting = asyncio.create_task(engine.compact())
        while len(builds(tmp_path)) < 2:
            await asyncio.sleep(0.01)
        await store.upsert(make_points(9_001))
        assert not await compacting
        assert await store.count(SNAPSHOT) == 3_001
    assert builds(tmp_path) == ["1"]


async def test_enough_changes_start_a_compaction_by_themselves(open_index, make_points, tmp_path, monkeypatch):
    monkeypatch.setattr(edge_engine, "QUIET_SECONDS", 0.1)
    monkeypatch.setattr(edge_engine, "WORTHWHILE_POINTS", 100)
    async with open_index() as (_, store):
        await store.upsert(make_points(*range(200)))
        async with asyncio.timeout(60):
            while builds(tmp_path) != ["2"]:
                await asyncio.sleep(0.05)
        assert await store.count(SNAPSHOT) == 200


async def test_compaction_frees_the_space_of_deleted_chunks(open_index, make_points, tmp_path):
    async with open_index() as (engine, store):
        await store.upsert(make_points(*range(6_000)))
        await engine.compact()
        full = segment_bytes(tmp_path)
        await store.delete(KEY, Where(at_most={"last_generation": OPEN}))
        await engine.compact()
        assert segment_bytes(tmp_path) < full / 4


def segment_bytes(tmp_path):
    return sum(file.stat().st_blocks * 512 for file in tmp_path.glob("collection/*/segments/**/*"))

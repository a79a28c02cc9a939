"""What every vector store must do; each test runs against both adapters."""

from dataclasses import replace

import pytest
from qdrant_client import AsyncQdrantClient
from rag_stage.stores import open_server_store

from rag_server.core.edge_store import open_edge_store
from rag_server.core.points import OPEN, Point, RepositoryKey, Snapshot, StoredChunk
from rag_server.core.reencoding import reencode
from rag_server.core.sparse import SparseVector, encode_chunk, encode_query
from rag_server.core.store import CollectionShape, Probe, VectorName, Where

pytestmark = pytest.mark.filterwarnings("ignore:Payload indexes have no effect:UserWarning")

KEY = RepositoryKey("org", "repo")
FAST = [1.0] + [0.0] * 23
OTHER_FAST = [0.0, 1.0] + [0.0] * 22
DENSE = [1.0] + [0.0] * 31
KEYWORD = Probe(VectorName.CODE, encode_query("config"))


@pytest.fixture
def make_point(make_chunk):
    def make(*, key=KEY, first=1, last=OPEN, fast=FAST, dense=None, **overrides):
        chunk = make_chunk(**overrides)
        stored = StoredChunk.of(chunk, key, generation=first, commit="c")._replace(last_generation=last)
        return Point(stored, encode_chunk(chunk), fast, dense)

    return make


async def found(store, snapshots, probe=KEYWORD, **options):
    (scored,) = await store.search(snapshots, [probe], limit=10, **options)
    chunks = await store.read_chunks(snapshots, [item.chunk_id for item in scored])
    assert len(chunks) == len(scored)
    return {chunk.path for chunk in chunks.values()}


def at(generation, key=KEY):
    return [Snapshot(key, generation)]


async def test_each_probe_gets_its_own_ranking(store, make_point):
    near, far = make_point(path="near.py"), make_point(path="far.py", fast=OTHER_FAST)
    await store.upsert([near, far])
    keyword, fast, dense = await store.search(
        at(1), [KEYWORD, Probe(VectorName.FAST, OTHER_FAST), Probe(VectorName.DENSE, DENSE)], limit=10
    )
    assert len(keyword) == 2
    assert fast[0].chunk_id == far.chunk.id
    assert await store.read_chunks(at(1), [far.chunk.id]) == {far.chunk.id: far.chunk}
    assert fast[0].score == pytest.approx(1.0, abs=1e-5)
    assert dense == []


async def test_readers_see_their_generation_only(store, make_point):
    await store.upsert(
        [
            make_point(path="always.py", first=1),
            make_point(path="closed.py", first=1, last=1),
            make_point(path="new.py", first=2),
        ]
    )
    assert await found(store, at(1)) == {"always.py", "closed.py"}
    assert await found(store, at(2)) == {"always.py", "new.py"}
    assert await store.count(Snapshot(KEY, 1)) == 2


async def test_what_is_written_for_the_next_generation_stays_hidden_from_readers_of_a_complete_one(store, make_point):
    first = make_point(path="first.py")
    await store.upsert([first])
    assert await found(store, at(1)) == {"first.py"}
    await store.upsert([make_point(path="next.py", first=2)])
    await store.set_last_generation(KEY, [first.chunk.id], 1)
    assert await found(store, at(1)) == {"first.py"}
    assert await found(store, at(2)) == {"next.py"}
    await store.delete(KEY, Where(at_most={"last_generation": 1}))
    assert await found(store, at(2)) == {"next.py"}


async def test_other_organisations_and_repositories_are_invisible(store, make_point):
    foreign, sibling = RepositoryKey("foreign", "repo"), RepositoryKey("org", "sibling")
    await store.upsert(
        [make_point(), make_point(key=foreign, path="foreign.py"), make_point(key=sibling, path="sibling.py")]
    )
    assert await found(store, at(1)) == {"src/config.py"}
    assert await found(store, [*at(1), *at(1, sibling)]) == {"src/config.py", "sibling.py"}


async def test_only_chunks_of_the_searched_repositories_are_read(store, make_point):
    own, foreign = make_point(), make_point(key=RepositoryKey("foreign", "repo"))
    await store.upsert([own, foreign])
    for _ in range(2):
        assert list(await store.read_chunks(at(1), [own.chunk.id, foreign.chunk.id])) == [own.chunk.id]
    assert list(await store.read_chunks(at(1, foreign.chunk.key), [foreign.chunk.id])) == [foreign.chunk.id]
    assert await store.read_chunks([], [own.chunk.id]) == {}
    await store.delete_chunks(KEY, [own.chunk.id])
    assert await found(store, at(1)) == set()


async def test_an_empty_scope_finds_nothing(store, make_point):
    point = make_point()
    await store.upsert([point])
    assert await store.search([], [KEYWORD], limit=10) == [[]]
    assert await store.find([], point.chunk.id) is None


async def test_conditions_narrow_the_scope(store, make_point):
    await store.upsert([make_point(path="a/x.py"), make_point(path="b/x.go", language="go")])
    assert await found(store, at(1), narrow=Where(equal={"language": "go"})) == {"b/x.go"}
    assert await found(store, at(1), narrow=Where(equal={"folders": "a"})) == {"a/x.py"}


async def test_rare_terms_count_more_than_common_ones(store, make_point):
    common = [make_point(path=f"{n}.py", text="common thing", symbol=None, defines=[]) for n in range(8)]
    rare = make_point(path="rare.py", text="rare thing", symbol=None, defines=[])
    await store.upsert([*common, rare])
    (scored,) = await store.search(at(1), [Probe(VectorName.CODE, encode_query("common rare"))], limit=3)
    assert scored[0].chunk_id == rare.chunk.id


async def test_a_point_is_found_with_its_vectors(store, make_point):
    point = make_point(dense=DENSE)
    await store.upsert([point])
    back = await store.find(at(1), point.chunk.id)
    assert back.chunk == point.chunk
    assert back.fast == pytest.approx(FAST)
    assert back.dense == pytest.approx(DENSE)
    assert back.code.indices == point.code.indices


async def test_a_point_out_of_scope_is_not_found(store, make_point):
    point = make_point(first=2)
    await store.upsert([point])
    assert await store.find(at(1), point.chunk.id) is None
    assert await store.find(at(2, RepositoryKey("foreign", "repo")), point.chunk.id) is None


async def test_writing_a_point_twice_keeps_one(store, make_point):
    await store.upsert([make_point()])
    await store.upsert([make_point()])
    assert await store.count(Snapshot(KEY, 1)) == 1


async def test_vectors_are_reused_within_the_organisation_only(store, make_point):
    point = make_point(dense=DENSE)
    lacking = make_point(path="moved.py")
    await store.upsert([lacking, point])
    text_hash = point.chunk.text_hash
    vectors = (await store.find_vectors("org", [text_hash, "unknown"]))[text_hash]
    assert vectors.fast == pytest.approx(FAST)
    assert vectors.dense == pytest.approx(DENSE)
    assert await store.find_vectors("foreign", [text_hash]) == {}
    assert await store.find_vectors("org", []) == {}


async def test_the_transformers_vector_can_come_later(store, make_point):
    point = make_point()
    await store.upsert([point])
    unrefined = Where(equal={"refined": 0})
    assert await store.count(Snapshot(KEY, 1), unrefined) == 1
    await store.set_dense(KEY, {point.chunk.id: DENSE})
    await store.set_dense(KEY, {})
    assert await store.count(Snapshot(KEY, 1), unrefined) == 0
    assert await found(store, at(1), Probe(VectorName.DENSE, DENSE)) == {"src/config.py"}


async def test_chunks_can_be_closed_and_opened_again(store, make_point):
    point = make_point()
    await store.upsert([point])
    await store.set_last_generation(KEY, [point.chunk.id], 1)
    assert await found(store, at(2)) == set()
    await store.set_last_generation(KEY, [point.chunk.id], OPEN)
    await store.set_last_generation(KEY, [], 1)
    assert await found(store, at(2)) == {"src/config.py"}


async def test_nobody_changes_chunks_of_others(store, make_point):
    point = make_point()
    await store.upsert([point])
    foreign = RepositoryKey("foreign", "repo")
    await store.set_last_generation(foreign, [point.chunk.id], 0)
    await store.delete_chunks(foreign, [point.chunk.id])
    await store.delete(foreign)
    assert await found(store, at(1)) == {"src/config.py"}


async def test_chunks_are_listed_in_pages_by_any_condition(store, make_point):
    points = [make_point(path=f"{n:04}.py") for n in range(2_100)]
    await store.upsert(points)
    assert len(await store.list_chunks(KEY, Where())) == 2_100
    assert len(await store.list_chunks(KEY, Where(), limit=7)) == 7
    some = await store.list_chunks(KEY, Where(among={"path": ["0001.py", "0002.py"]}, at_least={"last_generation": 1}))
    assert {chunk.path for chunk in some} == {"0001.py", "0002.py"}


async def test_deleting_takes_what_the_condition_says(store, make_point):
    old, kept = make_point(path="old.py", last=1), make_point(path="kept.py")
    await store.upsert([old, kept])
    await store.delete(KEY, Where(at_most={"last_generation": 1}))
    assert await found(store, at(1)) == {"kept.py"}
    await store.delete_chunks(KEY, [])
    await store.delete_chunks(KEY, [kept.chunk.id])
    assert await found(store, at(1)) == set()


async def test_paths_of_repositories_are_listed_once(store, make_point):
    other = RepositoryKey("org", "other")
    points = [make_point(path="a.py"), make_point(path="a.py", text="more"), make_point(path="b/c.py", first=2)]
    await store.upsert(
        [*points, make_point(path="d.py", key=other), make_point(path="e.py", key=RepositoryKey("x", "repo"))]
    )
    assert sorted(await store.list_paths([KEY], limit=10)) == ["a.py", "b/c.py"]
    assert sorted(await store.list_paths([KEY, other], limit=10)) == ["a.py", "b/c.py", "d.py"]
    assert len(await store.list_paths([KEY], limit=1)) == 1


async def test_all_points_can_be_listed_page_by_page(store, make_point):
    points = [make_point(path=f"{n}.py", dense=DENSE if n % 2 else None) for n in range(5)]
    await store.upsert([*points, make_point(path="theirs.py", key=RepositoryKey("other", "repo"))])
    listed, following = await store.list_points(None, limit=4)
    rest, end = await store.list_points(following, limit=4)
    assert (len(listed), len(rest), end) == (4, 2, None)
    by_path = {point.chunk.path: point for point in listed + rest}
    assert by_path["1.py"].dense == pytest.approx(DENSE)
    assert by_path["0.py"].dense is None
    assert by_path["theirs.py"].chunk.key.organisation_id == "other"


async def test_terms_of_an_older_release_are_encoded_anew_and_nothing_else_changes(store, make_point):
    old = SparseVector([1], [1.0])
    points = [replace(make_point(path=f"{n}.py", first=n + 1, dense=DENSE), code=old) for n in range(3)]
    await store.upsert(points)
    assert await found(store, at(3)) == set()
    assert await reencode(store) == 3
    assert await reencode(store) == 3
    assert await found(store, at(2)) == {"0.py", "1.py"}
    kept = await store.find(at(3), points[0].chunk.id)
    assert (kept.chunk, kept.dense) == (points[0].chunk, pytest.approx(DENSE))


async def test_terms_that_were_encoded_anew_are_as_rare_as_they_are(store, make_point):
    texts = {"rare.py": "one thing", **{f"{n}.py": "common thing" for n in range(8)}}
    points = [make_point(path=path, text=text, symbol=None, defines=[]) for path, text in texts.items()]
    await store.upsert([replace(point, code=SparseVector([1], [1.0])) for point in points])
    await reencode(store)
    probe = Probe(VectorName.CODE, encode_query("common one"))
    (scored,) = await store.search(at(1), [probe], limit=9)
    assert scored[0].chunk_id == points[0].chunk.id
    assert scored[0].score > 2 * scored[1].score


async def test_an_open_store_passes_its_check(store):
    await store.check()


async def test_a_store_that_is_closed_does_not(tmp_path):
    async with open_edge_store(tmp_path, "chunks", CollectionShape(fast_dimensions=4, dense_dimensions=4)) as store:
        await store.check()
    with pytest.raises(RuntimeError):
        await store.check()


async def test_a_store_whose_collection_is_gone_does_not():
    client = AsyncQdrantClient(":memory:")
    shape = CollectionShape(fast_dimensions=4, dense_dimensions=4)
    async with open_server_store(client, "chunks", shape) as store:
        await client.delete_collection("chunks")
        with pytest.raises(ValueError, match="chunks not found"):
            await store.check()


async def test_owners_are_listed_with_their_chunks(store, make_point):
    assert await store.list_owners() == {}
    sibling = RepositoryKey("foreign", "sibling")
    await store.upsert([make_point(), make_point(path="b.py"), make_point(key=sibling)])
    assert await store.list_owners() == {KEY: 2, sibling: 1}
    await store.delete(sibling)
    assert await store.list_owners() == {KEY: 2}


async def test_a_point_may_lack_every_vector_but_the_words(store, make_point):
    point = replace(make_point(), fast=[])
    await store.upsert([point])
    assert await found(store, at(1)) == {"src/config.py"}
    assert (await store.find(at(1), point.chunk.id)).fast == []

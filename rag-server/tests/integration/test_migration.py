"""An index moves from the embedded engine to a server with its vectors, and may be moved again."""

import io

import pytest
from qdrant_client import AsyncQdrantClient
from rag_stage.stores import open_server_store
from rich.console import Console

from codemuse.testing import SERVICE_TOKEN
from rag_server.core import migration
from rag_server.core.catalogue import Catalogue
from rag_server.core.edge_store import open_edge_store
from rag_server.core.embedder import IndexModel, IndexModels
from rag_server.core.errors import MoveIncomplete, NothingToMigrate, ServerHoldsIndex
from rag_server.core.migration import migrate, migrate_as_configured, move_index
from rag_server.core.points import Point, RepositoryKey, Snapshot, StoredChunk
from rag_server.core.reencoding import TermsMark
from rag_server.core.server_storage import ServerStorage
from rag_server.core.settings import Settings
from rag_server.core.sparse import encode_chunk, encode_query
from rag_server.core.store import CollectionShape, Probe, VectorName

pytestmark = pytest.mark.filterwarnings("ignore:Payload indexes have no effect:UserWarning")

SHAPE = CollectionShape(fast_dimensions=4, dense_dimensions=4)
MODELS = IndexModels(
    fast=IndexModel(id="static", fingerprint="f", dimensions=4),
    dense=IndexModel(id="big", fingerprint="d", dimensions=4),
)
EMBEDDED = Catalogue(fast=MODELS.fast, dense=MODELS.dense, collection="chunks")
KEYS = [RepositoryKey("org", "first"), RepositoryKey("foreign", "second")]


@pytest.fixture
def quiet():
    return Console(file=io.StringIO())


@pytest.fixture
def points(make_chunk):
    made = []
    for number in range(25):
        chunk = make_chunk(path=f"{number}.py", text=f"word{number}")
        stored = StoredChunk.of(chunk, KEYS[number % 2], generation=1, commit="c")
        stored = stored._replace(last_generation=3) if number % 5 == 0 else stored
        dense = [1.0, 0.0, 0.0, 0.0] if number % 3 else None
        made.append(Point(stored, encode_chunk(chunk), [0.0, 1.0, 0.0, 0.0], dense))
    return made


async def test_every_point_arrives_as_it_was(tmp_path, points, quiet, monkeypatch):
    monkeypatch.setattr(migration, "PAGE", 10)
    async with (
        open_edge_store(tmp_path, "chunks", SHAPE) as source,
        open_server_store(AsyncQdrantClient(":memory:"), "chunks", SHAPE) as target,
    ):
        await source.upsert(points)
        assert await migrate(source, target, quiet) == 25
        assert await migrate(source, target, quiet) == 25
        for point in points:
            snapshot = Snapshot(point.chunk.key, 2)
            moved = await target.find([snapshot], point.chunk.id)
            assert moved == await source.find([snapshot], point.chunk.id)
        for key in KEYS:
            question = [Probe(VectorName.CODE, encode_query("word6")), Probe(VectorName.DENSE, [1.0, 0.0, 0.0, 0.0])]
            here, there = [await store.search([Snapshot(key, 4)], question, limit=30) for store in (source, target)]
            assert [{item.chunk_id for item in found} for found in here] == [
                {item.chunk_id for item in found} for found in there
            ]


@pytest.mark.parametrize(("url", "advice"), [("", "QDRANT_URL"), ("http://qdrant:6333", "no embedded index")])
async def test_it_says_what_is_missing(tmp_path, quiet, url, advice):
    settings = Settings(service_token=SERVICE_TOKEN, data=tmp_path, qdrant_url=url, _env_file=None)
    with pytest.raises(NothingToMigrate, match=advice):
        await migrate_as_configured(settings, quiet)


@pytest.fixture
async def server():
    client = AsyncQdrantClient(":memory:")
    yield ServerStorage(client, None, lambda _: SHAPE)
    await client.close()


@pytest.fixture
async def source(tmp_path, points):
    async with open_edge_store(tmp_path, "chunks", SHAPE) as store:
        await store.upsert(points)
        yield store


class InterruptedStore:
    """Gives a first page and no other."""

    def __init__(self, store):
        self.store = store

    async def list_points(self, after, *, limit):
        if after is not None:
            raise KeyboardInterrupt
        return await self.store.list_points(after, limit=limit)


async def test_the_server_has_an_index_when_all_of_it_has_arrived(tmp_path, source, server, quiet, monkeypatch):
    monkeypatch.setattr(migration, "PAGE", 10)
    TermsMark(tmp_path, "chunks").set()
    with pytest.raises(KeyboardInterrupt):
        await move_index(tmp_path, InterruptedStore(source), EMBEDDED, server, quiet)
    assert await server.load() is None
    await source.delete(KEYS[0])
    assert await move_index(tmp_path, source, EMBEDDED, server, quiet) == 12
    moved = await server.load()
    assert (moved.fast, moved.build, moved.retired) == (MODELS.fast, None, [])
    assert TermsMark(tmp_path, moved.current).is_current, "else its terms were encoded anew at the next start"
    async with server.open(moved.current, MODELS) as target:
        assert await target.list_owners() == {KEYS[1]: 12}, "what the interrupted move had brought is gone"


async def test_an_index_that_is_used_is_not_replaced(tmp_path, source, server, quiet, points):
    await move_index(tmp_path, source, EMBEDDED, server, quiet)
    before = await server.load()
    with pytest.raises(ServerHoldsIndex, match="25 chunks"):
        await move_index(tmp_path, source, EMBEDDED, server, quiet)
    assert await server.load() == before


async def test_an_empty_index_that_was_begun_on_the_server_makes_room(tmp_path, source, server, quiet):
    await server.save(EMBEDDED.model_copy(update={"collection": "begun"}))
    await move_index(tmp_path, source, EMBEDDED, server, quiet)
    moved = await server.load()
    assert (moved.current != "begun", moved.retired) == (True, ["begun"])


class ForgetfulStore:
    """Hands out all but the last of its points."""

    def __init__(self, store):
        self.store = store
        self.list_owners = store.list_owners

    async def list_points(self, after, *, limit):
        points, following = await self.store.list_points(after, limit=limit)
        return points[:-1], following


async def test_an_index_that_did_not_arrive_whole_is_not_used(tmp_path, source, server, quiet):
    with pytest.raises(MoveIncomplete):
        await move_index(tmp_path, ForgetfulStore(source), EMBEDDED, server, quiet)
    assert await server.load() is None

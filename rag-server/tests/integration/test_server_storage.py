"""Collections, catalogue and backups of a Qdrant server.

The client's local engine stands in for its collections. It has no snapshots: those routes are played by a small server that
keeps the points of a collection in a file, so what is proved here is our side of the talk.
"""

import hashlib
import pickle

import httpx
import pytest
from qdrant_client import AsyncQdrantClient, models

from codemuse.errors import CodeMuseError
from codemuse.testing import SERVICE_TOKEN, eventually
from rag_server.core.catalogue import Build, Catalogue
from rag_server.core.embedder import IndexModel, IndexModels
from rag_server.core.points import Point, RepositoryKey, Snapshot, StoredChunk
from rag_server.core.resources import connect_for_snapshots, shape_of
from rag_server.core.server_snapshots import SNAPSHOT_FILE, ServerSnapshots
from rag_server.core.server_storage import ServerStorage
from rag_server.core.settings import Settings
from rag_server.core.sparse import encode_chunk

pytestmark = pytest.mark.filterwarnings("ignore:Payload indexes have no effect:UserWarning")

MODELS = IndexModels(
    fast=IndexModel(id="static", fingerprint="f", dimensions=4),
    dense=IndexModel(id="big", fingerprint="d", dimensions=4),
)
KEY = RepositoryKey("org", "shop")


class SnapshotRoutes:
    """The routes of Qdrant that the client's local engine lacks, over that engine."""

    def __init__(self, qdrant):
        self.qdrant = qdrant
        self.kept = {}
        self.requests = []
        self.spoil = lambda content: content
        self.status = 200

    async def answer(self, request):
        self.requests.append(f"{request.method} {request.url.path}")
        assert request.headers["api-key"] == "k"
        _, _, collection, _, *rest = request.url.path.split("/")
        if self.status != 200:
            return httpx.Response(self.status, json={"status": {"error": "no"}})
        if rest == ["upload"]:
            await self._recover(collection, await request.aread())
            return httpx.Response(200, json={"result": True})
        if request.method == "POST":
            content = await self._dump(collection)
            self.kept["one.snapshot"] = content
            described = {"name": "one.snapshot", "size": len(content), "checksum": hashlib.sha256(content).hexdigest()}
            return httpx.Response(200, json={"result": described})
        if request.method == "DELETE":
            self.kept.pop(rest[0])
            return httpx.Response(200, json={"result": True})
        return httpx.Response(200, content=self.spoil(self.kept[rest[0]]))

    async def _dump(self, collection):
        records, _ = await self.qdrant.scroll(collection, limit=1000, with_payload=True, with_vectors=True)
        return b"SNAPSHOT" + pickle.dumps([record.model_dump() for record in records])

    async def _recover(self, collection, body):
        _, _, content = body.partition(b"SNAPSHOT")
        storage = ServerStorage(self.qdrant, None, lambda _: shape_of(SETTINGS, MODELS))
        async with storage.open(collection, MODELS):
            points = [
                models.PointStruct(id=one["id"], vector=one["vector"], payload=one["payload"])
                for one in pickle.loads(content)
            ]
            await self.qdrant.upsert(collection, points)


SETTINGS = Settings(service_token=SERVICE_TOKEN, qdrant_url="http://qdrant", qdrant_api_key="k", _env_file=None)


@pytest.fixture
async def routes():
    qdrant = AsyncQdrantClient(":memory:")
    yield SnapshotRoutes(qdrant)
    await qdrant.close()


@pytest.fixture
async def storage(routes):
    headers = {"api-key": "k"}
    async with httpx.AsyncClient(
        base_url="http://qdrant:6333", transport=httpx.MockTransport(routes.answer), headers=headers
    ) as client:
        yield ServerStorage(routes.qdrant, ServerSnapshots(client), lambda _: shape_of(SETTINGS, MODELS))


@pytest.fixture
def point(make_chunk):
    chunk = make_chunk()
    return Point(StoredChunk.of(chunk, KEY, generation=1, commit="c"), encode_chunk(chunk), [1.0, 0, 0, 0])


async def test_the_catalogue_is_the_same_for_every_replica(storage, routes):
    assert await storage.load() is None
    build = Build(id="b", collection="chunks-b", pending=["org/shop"], fast=MODELS.fast, dense=MODELS.dense)
    catalogue = Catalogue(fast=MODELS.fast, dense=MODELS.dense, collection="chunks-a", build=build, retired=["old"])
    await storage.save(catalogue)
    await storage.save(catalogue)
    other = ServerStorage(routes.qdrant, None, lambda _: shape_of(SETTINGS, MODELS))
    assert await other.load() == catalogue


async def test_a_snapshot_is_fetched_and_brought_back(storage, routes, tmp_path, point):
    async with storage.open("chunks", MODELS) as store:
        await store.upsert([point])
        await store.save_copy(tmp_path / "copy")
    assert routes.kept == {}, "the server keeps no snapshot of ours"
    await storage.drop("chunks")
    await storage.drop("chunks")
    await storage.load_copy(tmp_path / "copy", "restored")
    async with storage.open("restored", MODELS) as store:
        assert await store.list_owners() == {KEY: 1}
        assert (await store.find([Snapshot(KEY, 1)], point.chunk.id)).chunk == point.chunk


async def test_a_snapshot_that_does_not_arrive_whole_is_refused(storage, routes, tmp_path, point):
    routes.spoil = lambda content: content[:-1]
    async with storage.open("chunks", MODELS) as store:
        await store.upsert([point])
        with pytest.raises(CodeMuseError, match="did not arrive") as raised:
            await store.save_copy(tmp_path / "copy")
    assert raised.value.public_code == "snapshot_damaged"
    assert routes.kept == {}


@pytest.mark.parametrize("status", [400, 507])
async def test_what_the_server_refuses_is_told(storage, routes, tmp_path, status):
    async with storage.open("chunks", MODELS) as store:
        routes.status = status
        with pytest.raises(CodeMuseError, match=str(status)):
            await store.save_copy(tmp_path / "copy")
    (tmp_path / "back").mkdir()
    (tmp_path / "back" / SNAPSHOT_FILE).write_bytes(b"SNAPSHOT")
    with pytest.raises(CodeMuseError, match=str(status)):
        await storage.load_copy(tmp_path / "back", "restored")


async def test_a_server_that_is_away_is_told(routes, tmp_path):
    async with httpx.AsyncClient(base_url="http://127.0.0.1:9", trust_env=False) as client:
        snapshots = ServerSnapshots(client)
        with pytest.raises(CodeMuseError, match="cannot be reached"):
            await snapshots.save("chunks", tmp_path / "copy")


@pytest.mark.parametrize(
    ("url", "port"), [("http://qdrant", 6333), ("https://qdrant.example:443/", 6333), ("http://q:7000", 7000)]
)
async def test_snapshots_are_asked_where_the_client_library_asks(url, port):
    settings = SETTINGS.model_copy(update={"qdrant_url": url})
    async with connect_for_snapshots(settings) as client:
        assert (client.base_url.port, client.headers["api-key"]) == (port, "k")


async def test_a_server_that_is_away_keeps_the_service_waiting_with_its_reason(start, monkeypatch):
    monkeypatch.setenv("QDRANT_URL", "http://127.0.0.1:9")
    async with start() as service:

        async def failed():
            index = await service.index()
            return index["state"] == "failed" and "Qdrant does not answer" in index["detail"]

        await eventually(failed, seconds=30)
        refused = await service.write("shop", 1, {"a.py": "x"}, status=503)
        assert refused["error"] == "unavailable"

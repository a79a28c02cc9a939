"""A Qdrant server that is away is something to wait for, whatever it was asked."""

import socket
import warnings

import pytest
from qdrant_client import AsyncQdrantClient

from codemuse.errors import Unavailable
from rag_server.core.points import Point, RepositoryKey, Snapshot, StoredChunk
from rag_server.core.server_client import translated
from rag_server.core.server_storage import ServerStorage
from rag_server.core.server_store import QdrantServerStore
from rag_server.core.sparse import encode_chunk, encode_query
from rag_server.core.store import Probe, VectorName, Where

KEY = RepositoryKey("org", "repo")
SNAPSHOT = Snapshot(KEY, 1)
KEYWORD = Probe(VectorName.CODE, encode_query("config"))
ID = "8a5c1b1e-0000-4000-8000-000000000001"


@pytest.fixture(params=["http", "grpc"])
async def away(request):
    """A client of an address where nothing listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    grpc = {"prefer_grpc": True, "grpc_port": port} if request.param == "grpc" else {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        client = AsyncQdrantClient(url=f"http://127.0.0.1:{port}", check_compatibility=False, **grpc)
    yield client
    await client.close()


@pytest.mark.parametrize(
    "ask",
    [
        lambda store, _: store.search([SNAPSHOT], [KEYWORD], limit=3),
        lambda store, _: store.find([SNAPSHOT], ID),
        lambda store, _: store.list_chunks(KEY, Where()),
        lambda store, _: store.list_paths([KEY], limit=3),
        lambda store, _: store.count(SNAPSHOT),
        lambda store, _: store.find_vectors("org", ["hash"]),
        lambda store, _: store.list_points(None, limit=3),
        lambda store, _: store.list_owners(),
        lambda store, _: store.check(),
        lambda store, point: store.upsert([point]),
        lambda store, _: store.set_dense(KEY, {ID: [1.0]}),
        lambda store, _: store.set_last_generation(KEY, [ID], 1),
        lambda store, _: store.delete(KEY),
        lambda store, _: store.delete_chunks(KEY, [ID]),
    ],
)
async def test_every_call_of_the_store_says_that_it_can_be_tried_again(away, make_chunk, ask):
    chunk = make_chunk()
    point = Point(StoredChunk.of(chunk, KEY, generation=1, commit="c"), encode_chunk(chunk), [1.0])
    with pytest.raises(Unavailable, match="Qdrant does not answer") as raised:
        await ask(QdrantServerStore(translated(away), "chunks"), point)
    assert raised.value.retry_after == 5


async def test_so_do_the_catalogue_and_the_collections(away):
    storage = ServerStorage(away, None, lambda _: None)
    for asked in (storage.load(), storage.drop("chunks")):
        with pytest.raises(Unavailable, match="Qdrant does not answer"):
            await asked

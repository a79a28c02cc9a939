"""An index moves from the embedded engine to a server with its vectors, and may be moved again."""

import io
from dataclasses import replace

import pytest
from qdrant_client import AsyncQdrantClient
from rag_stage.stores import open_server_store
from rich.console import Console

from codemuse.testing import SERVICE_TOKEN
from rag_server.core import migration
from rag_server.core.edge_store import open_edge_store
from rag_server.core.errors import NothingToMigrate
from rag_server.core.migration import migrate, migrate_as_configured
from rag_server.core.points import Point, RepositoryKey, Snapshot, StoredChunk
from rag_server.core.settings import Settings
from rag_server.core.sparse import encode_chunk, encode_query
from rag_server.core.store import CollectionShape, Probe, VectorName

pytestmark = pytest.mark.filterwarnings("ignore:Payload indexes have no effect:UserWarning")

SHAPE = CollectionShape(fast_dimensions=4, dense_dimensions=4)
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
        stored = replace(stored, last_generation=3) if number % 5 == 0 else stored
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

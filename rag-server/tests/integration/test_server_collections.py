"""How collections are made on a server, and how it is reached."""

import warnings

import pytest
from pydantic import ValidationError
from qdrant_client import AsyncQdrantClient
from rag_stage.stores import open_server_store

from codemuse.testing import SERVICE_TOKEN
from rag_server.core.resources import connect
from rag_server.core.server_store import Spread
from rag_server.core.settings import Settings
from rag_server.core.store import CollectionShape


class Recorder(AsyncQdrantClient):
    """A server that notes how collections and their fields are made."""

    def __init__(self) -> None:
        super().__init__(":memory:")
        self.created = {}
        self.fields = {}

    async def create_collection(self, name, **options):
        self.created[name] = options
        return await super().create_collection(name, **options)

    async def create_payload_index(self, name, field, schema, **options):
        self.fields[field] = schema
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return await super().create_payload_index(name, field, schema, **options)


async def create(shape, spread=Spread()):
    server = Recorder()
    async with open_server_store(server, "chunks", shape, spread):
        return server.created["chunks"], server.fields


async def test_a_collection_is_spread_over_the_nodes_as_configured():
    options, _ = await create(CollectionShape(fast_dimensions=4, dense_dimensions=8), Spread(6, 3, 2))
    assert (options["shard_number"], options["replication_factor"], options["write_consistency_factor"]) == (6, 3, 2)
    assert {name: params.size for name, params in options["vectors_config"].items()} == {"fast": 4, "dense": 8}
    assert options["quantization_config"] is None


async def test_quantised_vectors_stay_in_memory_and_whole_ones_on_disk():
    options, _ = await create(CollectionShape(fast_dimensions=4, dense_dimensions=8, quantised=True))
    assert options["quantization_config"].scalar.always_ram
    assert all(params.on_disk for params in options["vectors_config"].values())


async def test_the_organisation_is_the_tenant():
    _, fields = await create(CollectionShape(fast_dimensions=4, dense_dimensions=8))
    assert fields["organisation_id"].is_tenant
    assert {"owner", "path", "folders", "language", "kind", "text_hash", "first_generation"} <= fields.keys()


def settings(**values):
    return Settings(service_token=SERVICE_TOKEN, _env_file=None, **values)


def test_more_replicas_must_not_be_waited_for_than_there_are():
    with pytest.raises(ValidationError, match="QDRANT_REPLICAS"):
        settings(qdrant_replicas=1, qdrant_write_consistency=2)


@pytest.mark.parametrize(("port", "speaks_grpc"), [(0, False), (6334, True)])
async def test_the_server_is_reached_by_http_or_grpc(port, speaks_grpc):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        client = connect(settings(qdrant_url="https://qdrant.example:6333", qdrant_api_key="k", qdrant_grpc_port=port))
    options = client.init_options
    assert (options["prefer_grpc"], options["url"]) == (speaks_grpc, "https://qdrant.example:6333")
    await client.close()

import numpy as np
import pytest

from codemuse.contracts.embedding import ModelRead
from rag_server.core.catalogue import collection_name
from rag_server.core.embedder import IndexModel, IndexModels, RemoteEmbedder, pick_models
from rag_server.core.store import VectorName

MODELS = IndexModels(
    fast=IndexModel(id="static", fingerprint="f", dimensions=2),
    dense=IndexModel(id="big", fingerprint="d", dimensions=2),
)


class RecordingClient:
    def __init__(self):
        self.calls = []

    async def embed(self, texts, *, model, priority):
        self.calls.append((len(texts), model, priority))
        return np.arange(len(texts) * 2, dtype=np.float32).reshape(-1, 2)

    async def embed_question(self, text, *, models):
        self.calls.append((text, *models))
        return {model: np.full(2, number, dtype=np.float32) for number, model in enumerate(models)}


@pytest.fixture
def client():
    return RecordingClient()


async def test_many_texts_are_sent_in_bounded_calls_in_order(client):
    vectors = await RemoteEmbedder(client, MODELS, cache_entries=9).embed_texts(VectorName.DENSE, ["t"] * 65)
    assert client.calls == [(64, "big", "bulk"), (1, "big", "bulk")]
    assert len(vectors) == 65


async def test_nothing_to_embed_calls_nobody(client):
    assert await RemoteEmbedder(client, MODELS, cache_entries=9).embed_texts(VectorName.FAST, []) == []
    assert not client.calls


async def test_a_question_is_asked_once_for_both_models(client):
    embedder = RemoteEmbedder(client, MODELS, cache_entries=9)
    for _ in range(3):
        assert await embedder.embed_query("q") == {VectorName.FAST: [0.0, 0.0], VectorName.DENSE: [1.0, 1.0]}
    assert client.calls == [("q", "static", "big")]


async def test_the_memory_of_questions_is_bounded(client):
    embedder = RemoteEmbedder(client, MODELS, cache_entries=2)
    for query in ("a", "b", "a", "c", "a", "b"):
        await embedder.embed_query(query)
    assert len(client.calls) == 4


def test_models_are_picked_when_both_are_there():
    static = ModelRead(id="static", kind="static", dimensions=2, fingerprint="f")
    big = ModelRead(id="big", kind="transformer", dimensions=2, fingerprint="d")
    assert pick_models([static]) is None
    assert pick_models([big, static]) == MODELS


def test_other_models_have_another_collection():
    other = MODELS.model_copy(update={"dense": IndexModel(id="big", fingerprint="new", dimensions=2)})
    assert collection_name(MODELS) != collection_name(other)

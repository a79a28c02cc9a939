"""The bundled transformer and the static model that is really distilled from it."""

import asyncio
import time

import httpx
import numpy as np
import pytest

from codemuse.testing import SERVICE_TOKEN
from embedding_server.main import create_app

pytestmark = pytest.mark.timeout(300)

MODEL = "all-MiniLM-L6-v2"
NEAR = ("how are URL routes registered", "def add_url_rule(self, rule, endpoint): register a routing rule for a URL")
FAR = "the weather in Seoul was cold and rainy"


@pytest.fixture(scope="module")
def data_folder(tmp_path_factory):
    return tmp_path_factory.mktemp("data")


@pytest.fixture
async def client(data_folder, monkeypatch):
    monkeypatch.setenv("SERVICE_TOKEN", SERVICE_TOKEN)
    monkeypatch.setenv("DATA", str(data_folder))
    app = create_app()
    transport = httpx.ASGITransport(app=app)
    headers = {"Authorization": f"Bearer {SERVICE_TOKEN}"}
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://test", headers=headers) as client,
    ):
        yield client


async def vectors(client, model, texts):
    deadline = time.monotonic() + 240
    while True:
        reply = await client.post("/v1/embeddings", json={"model": model, "input": texts})
        if reply.status_code != 503 or time.monotonic() > deadline:
            break
        await asyncio.sleep(0.5)
    assert reply.status_code == 200, reply.text
    return np.float32([item["embedding"] for item in reply.json()["data"]])


@pytest.mark.parametrize("model", [MODEL, "static"])
async def test_related_texts_are_nearer_than_unrelated_ones(client, model):
    near, code, far = await vectors(client, model, [*NEAR, FAR])
    assert near @ code > near @ far + 0.2


@pytest.mark.parametrize("model", [MODEL, "static"])
async def test_a_vector_does_not_depend_on_its_batch(client, model):
    alone = await vectors(client, model, ["a short text"])
    (among_others, *_) = await vectors(client, model, ["a short text", "x " * 200, "def f(): pass", "", "😀"])
    assert alone[0] @ among_others > 0.999


@pytest.mark.parametrize("model", [MODEL, "static"])
async def test_all_vectors_have_length_one(client, model):
    rows = await vectors(client, model, ["", "😀", "\x01\x02", "word", "w" * 100_000])
    assert np.allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-3)


async def test_the_distilled_model_and_the_probe_are_kept(client, data_folder):
    await vectors(client, "static", ["warm"])
    folders = sorted(path.name for path in (data_folder / "models").iterdir() if path.is_dir())
    assert folders == [MODEL, f"{MODEL}-static-53aa51172d14"]
    assert (data_folder / "models" / MODEL / "probe.json").exists()


async def test_everything_is_ready_after_loading(client):
    await vectors(client, "static", ["warm"])
    models = (await client.get("/v1/models")).json()["data"]
    assert [(model["id"], model["dimensions"]) for model in models] == [(MODEL, 384), ("static", 256)]
    assert (await client.get("/readyz")).json()["status"] == "ok"

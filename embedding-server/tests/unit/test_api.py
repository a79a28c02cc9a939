import asyncio
import base64
import threading

import httpx
import numpy as np
import pytest

from codemuse.testing import eventually
from embedding_server.core.errors import WeightsRefused
from embedding_server.core.registry import RegistryPolicy


@pytest.fixture
async def client(open_client, tiny_backend):
    async with open_client({"tiny": lambda: tiny_backend}) as client:
        yield client


async def embed(client: httpx.AsyncClient, **body):
    return await client.post("/v1/embeddings", json={"model": "tiny", "input": "text"} | body)


async def test_floats_and_base64_are_the_same_vectors(client, expected_vector):
    floats = (await embed(client, input=["one", "two"])).json()
    packed = (await embed(client, input=["one", "two"], encoding_format="base64")).json()
    unpacked = [np.frombuffer(base64.b64decode(item["embedding"]), dtype="<f4") for item in packed["data"]]
    assert np.array_equal(unpacked, np.float32([item["embedding"] for item in floats["data"]]))
    assert np.array_equal(unpacked[1], expected_vector("two"))
    assert [item["index"] for item in floats["data"]] == [0, 1]
    assert floats["usage"] == {"prompt_tokens": 6, "total_tokens": 6}


async def test_fewer_dimensions_are_a_prefix_of_length_one(client, expected_vector):
    vector = (await embed(client, dimensions=3)).json()["data"][0]["embedding"]
    whole = expected_vector("text")[:3]
    assert np.allclose(vector, whole / np.linalg.norm(whole))


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"input": [1, 2]}, "token_arrays_unsupported"),
        ({"input": [[1], [2]]}, "token_arrays_unsupported"),
        ({"input": []}, "empty_input"),
        ({"input": ["a"] * 2049}, "too_many_texts"),
        ({"dimensions": 9}, "invalid_dimensions"),
        ({"input": {"text": "a"}}, "invalid_input"),
        ({"nonsense": 1}, "invalid_input"),
    ],
)
async def test_bad_input_is_refused_in_openais_shape(client, body, code):
    reply = await embed(client, **body)
    assert reply.status_code == 422
    assert reply.json()["error"]["code"] == code
    assert reply.json()["error"]["message"]


async def test_an_unknown_model_is_not_found(client):
    reply = await embed(client, model="other")
    assert (reply.status_code, reply.json()["error"]["code"]) == (404, "model_not_found")


async def test_a_wrong_priority_is_refused(client):
    reply = await client.post(
        "/v1/embeddings", json={"model": "tiny", "input": "a"}, headers={"X-CodeMuse-Priority": "urgent"}
    )
    assert reply.status_code == 422


async def test_nobody_enters_without_the_token(client):
    reply = await client.post("/v1/embeddings", json={}, headers={"Authorization": "Bearer no"})
    assert reply.status_code == 401


async def test_models_are_listed_with_what_an_index_must_know(client):
    await embed(client)
    (model,) = (await client.get("/v1/models")).json()["data"]
    assert (model["id"], model["dimensions"], model["fingerprint"]) == ("tiny", 8, "tiny")


async def test_a_full_queue_is_429_with_retry_after(open_client, tiny_backend):
    tiny_backend.may_compute.clear()
    async with open_client({"tiny": lambda: tiny_backend}, policy=RegistryPolicy(20, 1.0)) as client:
        computing = asyncio.create_task(embed(client, input="x" * 15))
        await eventually(lambda: tiny_backend.started == 1)
        waiting = asyncio.create_task(embed(client, input="x" * 15))
        await eventually(lambda: _waiting_tokens(client, 15))
        refused = await embed(client, input="y" * 15)
        tiny_backend.may_compute.set()
        await asyncio.gather(computing, waiting)
    assert refused.status_code == 429
    assert int(refused.headers["Retry-After"]) >= 1


async def test_a_model_that_is_still_loading_asks_to_come_back(open_client, tiny_backend):
    loaded = threading.Event()

    def load():
        loaded.wait(10)
        return tiny_backend

    async with open_client(
        {"tiny": load, "second": lambda: tiny_backend}, policy=RegistryPolicy(10_000, 0.05)
    ) as client:
        early = await embed(client)
        health = await client.get("/readyz")
        loaded.set()
        await eventually(lambda: _is_served(client))
    assert (early.status_code, early.json()["error"]["code"]) == (503, "model_loading")
    assert early.headers["Retry-After"]
    assert health.status_code == 503
    assert health.json()["checks"]["model:tiny"] == {"status": "down", "detail": "loading"}
    assert health.json()["checks"]["model:second"]["status"] == "degraded"


async def _waiting_tokens(client, tokens):
    return f'codemuse_embedding_waiting_tokens{{model="tiny"}} {tokens}.0' in (await client.get("/metrics")).text


async def _is_served(client):
    return (await embed(client)).status_code == 200


async def test_a_model_that_cannot_be_loaded_says_why(open_client):
    def load():
        raise WeightsRefused("The weights are damaged.")

    async with open_client({"tiny": load}) as client:
        reply = await embed(client)
        health = (await client.get("/readyz")).json()
    assert (reply.status_code, reply.json()["error"]["code"]) == (503, "model_failed")
    assert "damaged" in health["checks"]["model:tiny"]["detail"]


async def test_a_caller_that_hangs_up_frees_its_place(open_client, tiny_backend):
    tiny_backend.may_compute.clear()
    async with open_client({"tiny": lambda: tiny_backend}) as client:
        app = client._transport.app
        await asyncio.sleep(0.05)
        hung_up = asyncio.Event()
        sent = []

        async def receive():
            if not hung_up.is_set():
                hung_up.set()
                return {"type": "http.request", "body": b'{"model":"tiny","input":"x"}', "more_body": False}
            return {"type": "http.disconnect"}

        async def send(message):
            sent.append(message)

        scope = {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "POST", "scheme": "http",
            "path": "/v1/embeddings", "raw_path": b"/v1/embeddings", "query_string": b"", "root_path": "",
            "headers": [(b"authorization", client.headers["authorization"].encode()),
                        (b"content-type", b"application/json")],
            "client": ("127.0.0.1", 1), "server": ("test", 80), "state": {},
        }  # fmt: skip
        await asyncio.wait_for(app(scope, receive, send), 5)
        tiny_backend.may_compute.set()
    assert sent[0]["status"] == 499


async def test_a_question_gets_the_same_vector_as_by_itself(client, expected_vector):
    reply = await client.post("/api/v1/questions", json={"text": "text", "models": ["tiny", "tiny"]})
    vector = np.frombuffer(base64.b64decode(reply.json()["vectors"]["tiny"]), dtype="<f4")
    alone = await client.post("/v1/embeddings", json={"model": "tiny", "input": "text"})
    np.testing.assert_allclose(vector, alone.json()["data"][0]["embedding"], rtol=1e-6)


async def test_a_question_for_an_unknown_model_is_not_found(client):
    reply = await client.post("/api/v1/questions", json={"text": "text", "models": ["nobody"]})
    assert reply.status_code == 404

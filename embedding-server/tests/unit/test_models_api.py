"""Operators see models, bring them into memory and out of it, and callers notice nothing but a wait."""

import asyncio
import threading

import pytest

from codemuse.testing import eventually
from embedding_server.core.errors import WeightsRefused
from embedding_server.core.registry import RegistryPolicy


async def embed(client, model="tiny", text="text"):
    return await client.post("/v1/embeddings", json={"model": model, "input": text})


async def status_of(client, model="tiny"):
    items = (await client.get("/api/v1/models")).json()["items"]
    return next(item for item in items if item["id"] == model)


async def is_in_state(client, state, model="tiny"):
    return (await status_of(client, model))["state"] == state


async def test_a_model_shows_what_it_is_and_what_was_asked_of_it(open_client, tiny_backend):
    async with open_client({"tiny": lambda: tiny_backend}) as client:
        await embed(client, text=["one", "three"])
        await embed(client)
        shown = await status_of(client)
    assert (shown["state"], shown["kind"], shown["dimensions"], shown["workers"]) == ("ready", "transformer", 8, 1)
    assert shown["memory_bytes"] == tiny_backend.card.memory_bytes > 0
    assert {name: shown["use"][name] for name in ("requests", "texts", "tokens")} == {
        "requests": 2,
        "texts": 3,
        "tokens": 12,
    }
    assert shown["use"]["last_used_at"] >= shown["loaded_at"]


async def test_an_unloaded_model_frees_its_memory_and_is_loaded_again_when_asked(open_client, tiny_backend):
    loads = []

    def load():
        loads.append(1)
        return tiny_backend

    async with open_client({"tiny": load}) as client:
        before = (await embed(client)).json()
        unloaded = (await client.post("/api/v1/models/unload", json={"model": "tiny"})).json()
        health = await client.get("/readyz")
        listed = (await client.get("/v1/models")).json()["data"]
        again = (await embed(client)).json()
    assert (unloaded["state"], unloaded["memory_bytes"]) == ("unloaded", 0)
    assert health.status_code == 200
    assert [model["id"] for model in listed] == ["tiny"]
    assert again["data"] == before["data"]
    assert len(loads) == 2


async def test_a_model_that_computes_is_not_taken_away(open_client, tiny_backend):
    tiny_backend.may_compute.clear()
    async with open_client({"tiny": lambda: tiny_backend}) as client:
        computing = asyncio.create_task(embed(client))
        await eventually(lambda: tiny_backend.started == 1)
        refused = await client.post("/api/v1/models/unload", json={"model": "tiny"})
        tiny_backend.may_compute.set()
        assert (await computing).status_code == 200
    assert (refused.status_code, refused.json()["error"]) == (409, "model_busy")


async def test_further_models_are_loaded_when_first_asked_for(open_client, tiny_backend, make_backend):
    async with open_client(
        {"tiny": lambda: tiny_backend}, lazy={"other": lambda: make_backend(model_id="other")}
    ) as client:
        await embed(client)
        assert await is_in_state(client, "unloaded", "other")
        assert (await client.get("/readyz")).status_code == 200
        assert (await embed(client, model="other")).status_code == 200
        assert await is_in_state(client, "ready", "other")


async def test_a_model_can_be_loaded_ahead(open_client, tiny_backend, make_backend):
    async with open_client(
        {"tiny": lambda: tiny_backend}, lazy={"other": lambda: make_backend(model_id="other")}
    ) as client:
        accepted = await client.post("/api/v1/models/load", json={"model": "other"})
        assert accepted.status_code == 202
        await eventually(lambda: is_in_state(client, "ready", "other"))


async def test_a_failed_model_is_tried_again_when_told_to(open_client, tiny_backend):
    outcomes = [WeightsRefused("The disk is away."), tiny_backend]

    def load():
        outcome = outcomes.pop(0)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    async with open_client({"tiny": load}) as client:
        assert (await embed(client)).status_code == 503
        assert "disk" in (await status_of(client))["failure"]
        await client.post("/api/v1/models/load", json={"model": "tiny"})
        await eventually(lambda: is_in_state(client, "ready"))
        assert (await embed(client)).status_code == 200


async def test_idle_models_are_unloaded_and_used_ones_stay(open_client, tiny_backend):
    policy = RegistryPolicy(10_000, 1.0, idle_seconds=0.3)
    async with open_client({"tiny": lambda: tiny_backend}, policy=policy) as client:
        for _ in range(6):
            assert (await embed(client)).status_code == 200
            await asyncio.sleep(0.1)
        assert await is_in_state(client, "ready")
        await eventually(lambda: is_in_state(client, "unloaded"))
        assert (await embed(client)).status_code == 200


async def test_one_model_is_loaded_at_a_time(open_client, tiny_backend, make_backend):
    loading, most = [], []
    go_on = threading.Event()

    def loader(model_id):
        def load():
            loading.append(model_id)
            most.append(len(loading))
            go_on.wait(0.1)
            loading.remove(model_id)
            return make_backend(model_id=model_id)

        return load

    async with open_client({name: loader(name) for name in ("tiny", "second", "third")}) as client:
        await eventually(lambda: is_in_state(client, "ready", "third"))
    assert max(most) == 1


@pytest.mark.parametrize("action", ["load", "unload"])
async def test_an_unknown_model_is_not_found(open_client, tiny_backend, action):
    async with open_client({"tiny": lambda: tiny_backend}) as client:
        reply = await client.post(f"/api/v1/models/{action}", json={"model": "nobody"})
    assert (reply.status_code, reply.json()["error"]) == (404, "model_not_found")

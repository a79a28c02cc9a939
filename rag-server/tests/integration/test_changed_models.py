"""Other models: the old index goes on as far as it can, the new one is built beside it, and vectors never meet."""

import asyncio

import pytest

from codemuse.testing import eventually

ORDER = {"a.py": "take an order", "b.py": "send an invoice"}


@pytest.fixture
async def service(start):
    async with start() as service:
        await service.opened()
        await service.write("shop", 1, ORDER)
        await service.refine("shop")
        yield service


async def outdated(service):
    return (await service.index())["state"] == "outdated"


async def test_the_old_index_is_searched_by_keyword_and_says_so(service, model_server):
    model_server.serve("two")
    await eventually(lambda: outdated(service))
    reply = await service.ask("shop", "order")
    assert [hit["path"] for hit in reply["results"]] == ["a.py"]
    assert reply["degraded"] == ["fast", "dense"]
    refused = await service.client.post(
        "/api/v1/search",
        json={
            "organisation_id": "org",
            "scopes": [{"repository_id": "shop", "generation": 1}],
            "query": "x",
            "mode": "semantic",
        },
    )
    assert (refused.status_code, refused.json()["error"]) == (503, "models_changed")
    assert (await service.index())["detail"].startswith("The embedding models have changed")


async def test_a_model_that_is_still_served_is_still_asked(service, model_server):
    model_server.serve("one", dense="two", dense_dimensions=24)
    await eventually(lambda: outdated(service))
    reply = await service.ask("shop", "order")
    assert reply["degraded"] == ["dense"]
    assert "fast" in reply["results"][0]["matched"]


async def test_new_chunks_are_found_by_keyword_until_the_new_index_is_there(service, model_server):
    model_server.serve("two", dimensions=12)
    await eventually(lambda: outdated(service))
    model_server.embedded.clear()
    written = await service.write("shop", 2, {"c.py": "ship a parcel"})
    assert (written["inserted"], written["embedded"], model_server.embedded) == (1, 0, [])
    assert await service.refine("shop") == {"refined": 0, "remaining": 0}
    (hit,) = await service.find("shop", "parcel", 2)
    assert hit["path"] == "c.py"
    scope = {"repository_id": "shop", "generation": 2}
    body = {"organisation_id": "org", "scopes": [scope], "chunk_id": hit["chunk_id"]}
    assert (await service.call("POST", "/similar", json=body))["results"] == []


async def test_the_new_index_is_made_with_the_new_models_and_takes_over(service, model_server, tmp_path):
    old = await service.index()
    model_server.serve("two", dimensions=12, dense_dimensions=20)
    await eventually(lambda: outdated(service))
    await service.begin("two")
    await service.write("shop", 1, ORDER, build="two")
    assert (await service.refine("shop", build="two"))["remaining"] == 0
    await service.complete("two", "shop")
    published = await service.call("POST", "/index/builds/two/publish")
    assert [model["dimensions"] for model in published["models"]] == [12, 20]
    assert (published["state"], published["collection"] != old["collection"]) == ("open", True)
    reply = await service.ask("shop", "order")
    assert (reply["degraded"], reply["results"][0]["path"]) == ([], "a.py")
    await eventually(lambda: not (tmp_path / "qdrant" / old["collection"]).exists())


async def test_the_old_models_may_come_back(service, model_server):
    model_server.serve("two")
    await eventually(lambda: outdated(service))
    model_server.serve("one")

    async def is_open():
        return (await service.index())["state"] == "open"

    await eventually(is_open)
    assert (await service.ask("shop", "order"))["degraded"] == []


async def test_a_restart_does_not_mix_either(start, model_server):
    async with start() as service:
        await service.opened()
        await service.write("shop", 1, ORDER)
    model_server.serve("two", dimensions=12)
    async with start() as service:
        await eventually(lambda: outdated(service))
        assert (await service.ask("shop", "order"))["degraded"] == ["fast", "dense"]
        assert (await service.index())["chunk_count"] == 2


async def test_a_server_that_was_away_is_asked_what_it_serves_before_it_is_trusted(service, model_server):
    model_server.broken = True
    assert (await service.ask("shop", "order first"))["degraded"] == ["fast", "dense"]
    model_server.serve("two")
    model_server.broken = False
    assert (await service.ask("shop", "order second"))["degraded"] == ["fast", "dense"]


async def test_models_that_are_not_loaded_yet_are_not_other_models(service, model_server):
    for model in model_server.models:
        model["fingerprint"] = None
    await asyncio.sleep(0.3)
    assert (await service.index())["state"] == "open"


async def test_a_server_that_is_starting_again_has_not_changed_its_models(service, model_server):
    await service.write("shop", 2, {"c.py": "ship a parcel"})
    served, model_server.models = model_server.models, []
    for loaded in ([], served[:1], served[1:]):
        model_server.models = loaded
        await asyncio.sleep(0.3)
        assert (await service.index())["state"] == "open", loaded
    model_server.broken, model_server.models = True, []
    await service.call("POST", "/repositories/shop/refine", status=503, json={"organisation_id": "org"})
    model_server.broken, model_server.models = False, served
    await eventually(lambda: refined(service))
    assert (await service.ask("shop", "parcel", 2))["degraded"] == []


async def refined(service):
    reply = await service.call("POST", "/repositories/shop/refine", status=None, json={"organisation_id": "org"})
    return reply.get("refined") == 1


async def test_a_further_model_that_is_loaded_is_not_the_one_to_index_with(service, model_server):
    further = {"id": "further", "kind": "transformer", "dimensions": 4, "fingerprint": "further"}
    model_server.models = [*model_server.models, further]
    await asyncio.sleep(0.3)
    await service.begin("b1")
    await service.write("shop", 1, ORDER, build="b1")
    await service.complete("b1", "shop")
    built = await service.call("POST", "/index/builds/b1/publish")
    assert [model["id"] for model in built["models"]] == ["static", "big"]

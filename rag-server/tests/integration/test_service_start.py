"""The whole service, from its settings, beside an embedding-server that comes late or goes away."""

import asyncio

from codemuse.testing import eventually
from rag_server.core.sparse import TERMS_VERSION


async def test_the_index_opens_when_the_models_are_known(start, model_server):
    model_server.models = []
    async with start() as service:
        early, health = await service.client.get("/api/v1/backups"), await service.client.get("/readyz")
        refused = await service.write("repo", 1, {"a.py": "x"}, status=503)
        model_server.serve("one")
        await service.opened()
        await asyncio.sleep(1.1)
        ready = await service.client.get("/readyz")
    assert (early.status_code, refused["error"]) == (200, "index_opening")
    assert health.status_code == 503
    assert ready.json()["status"] == "ok"


async def test_a_restart_without_the_embedding_server_still_serves(start, model_server):
    async with start() as service:
        await service.opened()
        await service.write("repo", 1, {"a.py": "parse the config"})
    model_server.stop()
    async with start() as service:
        await service.opened()
        health = (await service.client.get("/readyz")).json()
        reply = await service.ask("repo", "config")
    assert health["checks"]["index"]["status"] == "ok"
    assert health["checks"]["embedding-server"]["status"] == "degraded"
    assert (len(reply["results"]), reply["degraded"]) == (1, ["fast", "dense"])


async def test_terms_of_an_older_release_are_encoded_anew_at_the_next_start(start, tmp_path):
    async with start() as service:
        await service.opened()
    (mark,) = (tmp_path / "qdrant").glob("terms-of-*")
    mark.write_text("1")
    async with start() as service:
        await service.opened()
    assert mark.read_text() == str(TERMS_VERSION)


async def test_a_second_server_on_the_same_folder_says_so(start):
    async with start() as first:
        await first.opened()
        async with start() as second:

            async def refused():
                index = await second.index()
                return index["state"] == "failed" and "QDRANT_URL" in index["detail"]

            await eventually(refused)
            reply = await second.write("repo", 1, {"a.py": "x"}, status=503)
            assert reply["error"] == "store_in_use"
            assert (await second.client.get("/readyz")).status_code == 503


async def test_a_damaged_index_says_so_and_does_not_stop_the_service(start, tmp_path):
    async with start() as service:
        await service.opened()
        await service.write("repo", 1, {"a.py": "x"})
    for file in (tmp_path / "qdrant").rglob("edge_config.json"):
        file.write_text("nonsense")
    async with start() as service:

        async def failed():
            return (await service.index())["state"] == "failed"

        await eventually(failed)
        assert "codemuse index rebuild" in (await service.index())["detail"]
        reply = await service.write("repo", 1, {"a.py": "x"}, status=503)
        assert reply["error"] == "index_damaged"


async def test_a_damaged_catalogue_is_not_taken_for_an_empty_index(start, tmp_path):
    async with start() as service:
        await service.opened()
        await service.write("repo", 1, {"a.py": "parse the config"})
    catalogue = tmp_path / "qdrant" / "models.json"
    good = catalogue.read_text()
    catalogue.write_text(good[:-10])
    async with start() as service:
        await eventually(lambda: failed_because(service, "models.json is damaged"))
        refused = await service.write("repo", 1, {"a.py": "x"}, status=503)
        assert refused["error"] == "catalogue_damaged"
        assert catalogue.read_text() == good[:-10]
        catalogue.write_text(good)
        await service.opened()
        assert await service.count("repo") == 1


async def test_a_folder_that_cannot_be_used_is_told_and_tried_again(start, tmp_path):
    (tmp_path / "qdrant").write_text("in the way")
    async with start() as service:
        await eventually(lambda: failed_because(service, "File exists"))
        refused = await service.write("repo", 1, {"a.py": "x"}, status=503)
        assert refused["error"] == "index_folder_unusable"
        (tmp_path / "qdrant").unlink()
        await service.opened()


async def failed_because(service, reason):
    index = await service.index()
    return index["state"] == "failed" and reason in index["detail"]

"""The whole service, from its settings, beside an embedding-server that comes late, goes away or changes."""

import asyncio
import json
import threading
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest

from codemuse.testing import eventually
from rag_server.core.sparse import TERMS_VERSION
from rag_server.main import create_app

ORG = {"organisation_id": "org"}


class ModelsServer:
    """Answers ``/v1/models`` over a real socket; refuses everything else, like a server whose models failed."""

    def __init__(self):
        self.models = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                body = json.dumps({"object": "list", "data": outer.models}).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def serve(self, fingerprint):
        self.models = [
            {"id": "static", "kind": "static", "dimensions": 4, "fingerprint": f"static-{fingerprint}"},
            {"id": "big", "kind": "transformer", "dimensions": 4, "fingerprint": f"big-{fingerprint}"},
        ]

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def models_server():
    server = ModelsServer()
    yield server
    server.stop()


@pytest.fixture
def start(models_server, service_token, tmp_path, monkeypatch):
    monkeypatch.setenv("SERVICE_TOKEN", service_token)
    monkeypatch.setenv("DATA", str(tmp_path))
    monkeypatch.setenv("EMBEDDING_SERVER_URL", models_server.url)
    monkeypatch.delenv("QDRANT_URL", raising=False)

    def start():
        app = create_app()
        headers = {"Authorization": f"Bearer {service_token}"}
        client = httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://test", headers=headers)
        return app.router.lifespan_context(app), client

    return start


async def read(client):
    return await client.get("/api/v1/repositories/repo", params={**ORG, "generation": 1})


async def is_open(client):
    return (await read(client)).status_code == 200


async def test_the_index_opens_when_the_models_are_known(start, models_server):
    lifespan, client = start()
    async with lifespan, client:
        early, health = await read(client), await client.get("/readyz")
        models_server.serve("one")
        await eventually(lambda: is_open(client))
        await asyncio.sleep(1.1)
        ready = await client.get("/readyz")
    assert (early.status_code, early.json()["error"]) == (503, "index_opening")
    assert health.status_code == 503
    assert ready.json()["status"] == "ok"


async def test_a_restart_without_the_embedding_server_still_serves(start, models_server, tmp_path):
    models_server.serve("one")
    lifespan, client = start()
    async with lifespan, client:
        await eventually((tmp_path / "qdrant" / "models.json").exists)
    models_server.stop()
    lifespan, client = start()
    async with lifespan, client:
        await eventually(lambda: is_open(client))
        health = (await client.get("/readyz")).json()
    assert health["checks"]["index"]["status"] == "ok"
    assert health["checks"]["embedding-server"]["status"] == "degraded"


async def test_changed_models_get_a_collection_of_their_own_at_the_next_start(start, models_server, tmp_path):
    for fingerprint in ("one", "two", "two"):
        models_server.serve(fingerprint)
        lifespan, client = start()
        async with lifespan, client:
            await eventually(partial(is_open, client))
            await eventually(lambda name=fingerprint: name in (tmp_path / "qdrant" / "models.json").read_text())
    assert len(list((tmp_path / "qdrant").glob("chunks-*"))) == 2


async def test_terms_of_an_older_release_are_encoded_anew_at_the_next_start(start, models_server, tmp_path):
    models_server.serve("one")
    lifespan, client = start()
    async with lifespan, client:
        await eventually(partial(is_open, client))
    (mark,) = (tmp_path / "qdrant").glob("terms-of-*")
    mark.write_text("1")
    lifespan, client = start()
    async with lifespan, client:
        await eventually(partial(is_open, client))
    assert mark.read_text() == str(TERMS_VERSION)


async def test_a_second_server_on_the_same_folder_says_so(start, models_server):
    models_server.serve("one")
    (first, client), (second, other) = start(), start()

    async def refused():
        return (await read(other)).json().get("error") == "store_in_use"

    async with first, client:
        await eventually(lambda: is_open(client))
        async with second, other:
            await eventually(refused)
            assert (await other.get("/readyz")).status_code == 503

"""The web app's files: pages get the app, files are themselves, nothing else is served."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from codemuse.error_handlers import install_error_handlers
from orchestrator.core.web import mount_web_app


@pytest.fixture
async def client(tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    (tmp_path / "assets").mkdir()
    (tmp_path / "assets" / "app-1.js").write_text("1")
    (tmp_path / "index.html").write_text("<title>CodeMuse</title>")
    app = FastAPI()
    app.post("/api/v1/search")(lambda: None)
    install_error_handlers(app)
    mount_web_app(app, tmp_path)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://gateway") as client:
        yield client


@pytest.mark.parametrize("path", ["/", "/chat/123", "/repositories"])
async def test_pages_are_the_app_and_are_asked_for_anew(client: httpx.AsyncClient, path: str) -> None:
    reply = await client.get(path)
    assert "CodeMuse" in reply.text
    assert reply.headers["cache-control"] == "no-cache"
    assert "default-src 'none'" in reply.headers["content-security-policy"]


async def test_the_head_of_a_page_can_be_asked_for(client: httpx.AsyncClient) -> None:
    assert (await client.head("/chat/123")).status_code == 200


async def test_assets_are_kept_for_ever(client: httpx.AsyncClient) -> None:
    assert "immutable" in (await client.get("/assets/app-1.js")).headers["cache-control"]


@pytest.mark.parametrize(
    "path", ["/assets/gone.js", "/api/v1/nothing", "/robots.txt", "/../secrets.env", "/%2e%2e/secrets.env"]
)
async def test_what_is_not_there_is_not_found(client: httpx.AsyncClient, path: str) -> None:
    assert (await client.get(path)).status_code == 404


async def test_an_address_that_nothing_knows_is_not_found_by_any_method(client: httpx.AsyncClient) -> None:
    for path in ("/v1/nosuch", "/api/v1/nosuch", "/chat/123"):
        assert (await client.post(path, json={})).status_code == 404, path


async def test_an_address_that_is_known_says_that_the_method_is_wrong(client: httpx.AsyncClient) -> None:
    for method in ("GET", "HEAD", "DELETE"):
        assert (await client.request(method, "/api/v1/search")).status_code == 405, method

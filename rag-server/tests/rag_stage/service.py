"""The service as its callers see it."""

from typing import Any

import httpx
from fastapi import FastAPI

from codemuse.contracts.chunks import Chunk
from codemuse.testing import SERVICE_TOKEN, eventually

ORG = {"organisation_id": "org"}


class Service:
    """A client of the whole service."""

    def __init__(self, app: FastAPI) -> None:
        headers = {"Authorization": f"Bearer {SERVICE_TOKEN}"}
        self.client = httpx.AsyncClient(
            transport=httpx.ASGITransport(app=app), base_url="http://test", headers=headers, timeout=30
        )

    async def opened(self) -> None:
        """Wait until the index is open."""

        async def is_open() -> bool:
            return (await self.index())["state"] in {"open", "outdated"}

        await eventually(is_open, seconds=30)

    async def call(self, method: str, path: str, *, status: int | None = 200, **options: Any) -> Any:
        """The reply, which must have this status; ``None`` takes any."""
        reply = await self.client.request(method, f"/api/v1{path}", **options)
        assert status in {reply.status_code, None}, reply.text
        return reply.json()

    async def index(self) -> dict[str, Any]:
        return await self.call("GET", "/index")

    async def write(self, repository: str, generation: int, texts: dict[str, str | None], **params: Any) -> dict:
        """Give files one chunk each, or none; further arguments are ``build`` and ``status``."""
        status = params.pop("status", 200)
        files = [
            {"path": path, "chunks": [] if text is None else [make_chunk(path, text)]} for path, text in texts.items()
        ]
        body = {**ORG, "commit": f"c{generation}", "files": files}
        path = f"/repositories/{repository}/generations/{generation}/files"
        return await self.call("POST", path, json=body, params=params, status=status)

    async def refine(self, repository: str, **params: Any) -> dict:
        return await self.call("POST", f"/repositories/{repository}/refine", json=ORG, params=params)

    async def find(self, repository: str, query: str, generation: int = 1, **body: Any) -> list[dict[str, Any]]:
        return (await self.ask(repository, query, generation, **body))["results"]

    async def ask(self, repository: str, query: str, generation: int = 1, **body: Any) -> dict[str, Any]:
        scope = {"repository_id": repository, "generation": generation, "commit": "c"}
        return await self.call("POST", "/search", json={**ORG, "scopes": [scope], "query": query, **body})

    async def count(self, repository: str, generation: int = 1, **params: Any) -> int:
        query = {**ORG, "generation": generation, **params}
        return (await self.call("GET", f"/repositories/{repository}", params=query))["chunk_count"]

    async def begin(self, build: str, *repositories: str, backup: str | None = None, status: int = 200) -> dict:
        owners = [{**ORG, "repository_id": repository} for repository in repositories]
        body = {"repositories": owners, "backup": backup}
        return await self.call("PUT", f"/index/builds/{build}", json=body, status=status)

    async def complete(self, build: str, repository: str) -> None:
        await self.call("POST", f"/index/builds/{build}/complete", json={**ORG, "repository_id": repository})

    async def back_up(self, backup: str, **generations: int) -> dict[str, Any]:
        """Make a backup that says which generations were published."""
        states = [
            {**ORG, "repository_id": name, "versions": [{"generation": number, "commit": f"c{number}"}]}
            for name, number in generations.items()
        ]
        return await self.call("POST", "/backups", json={"id": backup, "repositories": states})


def make_chunk(path: str, text: str) -> dict[str, Any]:
    chunk = Chunk(path=path, start_line=1, end_line=text.count("\n") + 1, language="python", kind="function", text=text)
    return chunk.model_dump(mode="json")

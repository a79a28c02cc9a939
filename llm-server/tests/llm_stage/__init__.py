"""A real llm-server in front of a real (if misbehaving) model server, as a test sees them."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.request import urlopen

import httpx
import psycopg
import uvicorn

from codemuse.testing import SERVICE_TOKEN, eventually, free_port
from llm_server.core.settings import Settings
from llm_server.main import create_app

FAKE = Path(__file__).parents[1] / "fake_upstream.py"
HEADERS = {"Authorization": f"Bearer {SERVICE_TOKEN}"}


class Upstream:
    """The model server, and what it was asked."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}/v1"

    def reset(self) -> None:
        urlopen(self.url.replace("/v1", "/reset")).close()

    def log(self) -> list[dict]:
        with urlopen(self.url.replace("/v1", "/log")) as reply:
            return json.load(reply)

    def asked(self, name: str) -> list[dict]:
        return [entry for entry in self.log() if entry["body"].get("model", "").startswith(name)]


class Stage:
    """A running llm-server and its surroundings."""

    def __init__(self, url: str, settings: Settings, upstream: Upstream) -> None:
        self.url = url
        self.settings = settings
        self.upstream = upstream
        self.http = httpx.AsyncClient(
            base_url=url, headers=HEADERS, timeout=60, limits=httpx.Limits(max_connections=1000)
        )

    async def chat(self, model: str = "default", *, headers: dict | None = None, **fields) -> httpx.Response:
        body = {"model": model, "messages": [{"role": "user", "content": "Hello"}], **fields}
        return await self.http.post("/v1/chat/completions", json=body, headers=headers)

    async def events(self, model: str = "default", *, headers: dict | None = None, **fields) -> list[dict | str]:
        reply = await self.chat(model, stream=True, headers=headers, **fields)
        assert reply.status_code == 200, reply.text
        datas = [line.removeprefix("data: ") for line in reply.text.splitlines() if line.startswith("data:")]
        return [data if data == "[DONE]" else json.loads(data) for data in datas]

    async def text(self, model: str = "default", **fields) -> str:
        """The streamed answer, whose end must be a proper one."""
        events = await self.events(model, **fields)
        assert events[-1] == "[DONE]", events[-1]
        return self.join(events)

    @staticmethod
    def join(events: list[dict | str]) -> str:
        choices = [choice for event in events if isinstance(event, dict) for choice in event.get("choices", ())]
        return "".join(choice["delta"].get("content") or "" for choice in choices)

    async def declare(self, *models: dict, roles: dict | None = None, headers: dict | None = None, **more) -> None:
        body = {"models": list(models), "roles": roles or {}, **more}
        reply = await self.http.put("/api/v1/providers", json=body, headers=headers)
        assert reply.status_code == 200, reply.text

    def model(self, script: str, name: str | None = None, **more) -> dict:
        return {
            "name": name or script.partition("?")[0],
            "base_url": self.upstream.url,
            "upstream_name": script,
            **more,
        }

    def rows(self, **where) -> list[dict]:
        with psycopg.connect(self.settings.database_url.get_secret_value()) as connection:
            cursor = connection.execute("SELECT * FROM llm.usage ORDER BY at, call_id, attempt")
            names = [column.name for column in cursor.description]
            found = [dict(zip(names, row, strict=True)) for row in cursor]
        return [row for row in found if all(row[key] == value for key, value in where.items())]

    async def wait_for_rows(self, count: int, **where) -> list[dict]:
        await eventually(lambda: len(self.rows(**where)) >= count)
        return self.rows(**where)


@asynccontextmanager
async def serving(settings: Settings) -> AsyncIterator[str]:
    """The application behind a real socket, so that leaving is noticed as it is in production."""
    port = free_port()
    config = uvicorn.Config(
        create_app(settings), host="127.0.0.1", port=port, log_config=None, access_log=False, timeout_keep_alive=60
    )
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve())
    await eventually(lambda: server.started or task.done(), seconds=20)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        await task

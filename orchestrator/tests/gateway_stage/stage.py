"""A gateway and a worker in this process, as a test sees them."""

import asyncio
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any

import httpx
from fastapi import FastAPI

from gateway_stage.services import Services
from gateway_stage.transport import StreamingTransport
from orchestrator.core.credentials import PasswordHasher
from orchestrator.core.runs.engine import RunEngine
from orchestrator.core.settings import Settings
from orchestrator.db.models import Organisation, User
from orchestrator.worker import WorkerResources

ADMIN = {"email": "admin@example.com", "password": "correct horse battery"}


class LocalQueue:
    """Hands calls to the engine of this process; can be cut off like a broker that is down."""

    def __init__(self) -> None:
        self.engine: RunEngine | None = None
        self.down = False
        self._tasks: set[asyncio.Task[None]] = set()

    async def send(self, run_id: str, kind: str) -> None:
        if self.down:
            raise ConnectionError("the broker is down")
        if self.engine is not None:
            task = asyncio.create_task(self.engine.advance(run_id))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        self.engine = None
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


@dataclass
class Stage:
    """Everything a test works with."""

    app: FastAPI
    client: httpx.AsyncClient
    services: Services
    queue: LocalQueue
    worker: WorkerResources
    settings: Settings
    clients: AsyncExitStack

    async def sign_in(self, email: str = ADMIN["email"], password: str = ADMIN["password"]) -> httpx.AsyncClient:
        """A client of its own that is signed in."""
        client = httpx.AsyncClient(transport=StreamingTransport(self.app), base_url="http://gateway")
        await self.clients.enter_async_context(client)
        reply = await client.post("/api/v1/auth/login", json={"email": email, "password": password})
        assert reply.status_code == 200, reply.text
        client.headers["Authorization"] = f"Bearer {reply.json()['access_token']}"
        return client

    async def add_user(self, email: str, organisation: str | None = None) -> httpx.AsyncClient:
        """Somebody else, by default of an organisation of their own."""
        async with self.worker.platform.sessions.begin() as session:
            home = Organisation(name=organisation or email)
            session.add(home)
            await session.flush()
            hashed = await PasswordHasher().hash("another good password")
            session.add(User(organisation_id=home.id, email=email, name=email, role="admin", password_hash=hashed))
        return await self.sign_in(email, "another good password")

    async def index(self, client: httpx.AsyncClient, name: str = "shop") -> dict[str, Any]:
        """An indexed repository."""
        reply = await client.post("/api/v1/repositories", files={"archive": ("a.tar.gz", name)}, data={"name": name})
        assert reply.status_code == 202, reply.text
        run = await self.finish(client, reply.json()["run"]["id"])
        assert run["status"].startswith("succeeded"), run
        return (await client.get(f"/api/v1/repositories/{reply.json()['repository']['id']}")).json()

    async def finish(self, client: httpx.AsyncClient, run_id: str, seconds: float = 15) -> dict[str, Any]:
        """The run once it has ended."""
        async with asyncio.timeout(seconds):
            while True:
                run = (await client.get(f"/api/v1/runs/{run_id}")).json()
                if run.get("finished_at"):
                    return run
                await asyncio.sleep(0.02)

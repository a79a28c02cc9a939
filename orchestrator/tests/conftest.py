"""A gateway and a worker in this process, on real Postgres and Redis, over internal services that live in memory."""

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from asgi_lifespan import LifespanManager
from fastapi import FastAPI, Request, UploadFile
from fastapi.responses import JSONResponse, StreamingResponse

from orchestrator.core.resources import Seams
from orchestrator.core.runs.engine import RunEngine
from orchestrator.core.settings import Settings
from orchestrator.main import create_app
from orchestrator.worker import WorkerResources, open_worker

ADMIN = {"email": "admin@example.com", "password": "correct horse battery"}
NOW = "2026-01-01T00:00:00Z"


@dataclass
class Services:
    """docgen-, rag-, embedding- and llm-server in memory: real enough to index and search small texts."""

    files: dict[str, str] = field(
        default_factory=lambda: {"src/app.py": "def main():\n    return 1", "README.md": "# Shop"}
    )
    skipped: dict[str, str] = field(default_factory=dict)
    quarantined: dict[str, str] = field(default_factory=dict)
    answer: list[str] = field(default_factory=lambda: ["It is in `main` ", "[1]."])
    answer_gate: asyncio.Event | None = None
    failing: dict[str, list[httpx.Response]] = field(default_factory=dict)
    """Replies that are given first, by ``METHOD path-suffix``."""
    calls: list[str] = field(default_factory=list)
    chunks: dict[str, dict[str, list[dict[str, Any]]]] = field(default_factory=dict)
    snapshots: dict[str, dict[str, str]] = field(default_factory=dict)
    documents: dict[str, dict[str, Any]] = field(default_factory=dict)

    def count(self, suffix: str) -> int:
        """How often a path was called."""
        return sum(call.endswith(suffix) for call in self.calls)


def make_services_app(services: Services) -> FastAPI:
    app = FastAPI()

    @app.middleware("http")
    async def record_and_fail(request: Request, call_next: Any) -> Any:
        services.calls.append(f"{request.method} {request.url.path}")
        for suffix, replies in services.failing.items():
            if replies and f"{request.method} {request.url.path}".endswith(suffix):
                reply = replies.pop(0)
                return JSONResponse(json.loads(reply.content), reply.status_code)
        return await call_next(request)

    _add_docgen(app, services)
    _add_rag(app, services)
    _add_models(app, services)
    return app


def _add_docgen(app: FastAPI, services: Services) -> None:
    @app.post("/api/v1/sources/check")
    async def check() -> dict:
        return {}

    @app.post("/api/v1/repositories/{repository_id}/archives")
    async def archive(repository_id: str, archive: UploadFile) -> dict:
        content = await archive.read()
        return {"archive_id": hashlib.sha1(content).hexdigest(), "file_count": 1, "byte_count": len(content)}

    @app.post("/api/v1/snapshots")
    async def snapshot(body: dict) -> dict:
        files = dict(services.files)
        commit = hashlib.sha1(repr(sorted(files.items())).encode()).hexdigest()
        services.snapshots[commit] = files
        return {
            "id": commit, "repository_id": body["repository_id"], "commit": commit, "file_count": len(files),
            "byte_count": 1, "created_at": NOW,
        }  # fmt: skip

    @app.get("/api/v1/snapshots/{snapshot_id}/manifest")
    async def manifest(snapshot_id: str) -> dict:
        items = [
            {"path": path, "blob": hashlib.sha1(text.encode()).hexdigest(), "size": len(text), "language": "python",
             "skip_reason": services.skipped.get(path)}
            for path, text in sorted(services.snapshots[snapshot_id].items())
        ]  # fmt: skip
        return {"items": items}

    @app.post("/api/v1/snapshots/{snapshot_id}/analyse")
    async def analyse(snapshot_id: str, body: dict) -> dict:
        def outcome(path: str) -> dict:
            if path in services.quarantined:
                return {"path": path, "status": "quarantined", "reason": services.quarantined[path]}
            return {"path": path, "status": "analysed", "language": "python", "chunk_count": 1}

        return {"files": [outcome(path) for path in body["paths"]]}

    @app.post("/api/v1/snapshots/{snapshot_id}/chunks")
    async def chunks(snapshot_id: str, body: dict) -> dict:
        files = services.snapshots[snapshot_id]
        return {
            "chunks": [
                {"path": path, "start_line": 1, "end_line": files[path].count("\n") + 1, "language": "python",
                 "kind": "function", "symbol": "main", "text": files[path]}
                for path in body["paths"]
            ]
        }  # fmt: skip

    _add_facts(app, services)


def _add_facts(app: FastAPI, services: Services) -> None:
    @app.get("/api/v1/snapshots/{snapshot_id}/source")
    async def source(snapshot_id: str, path: str) -> Any:
        text = services.snapshots[snapshot_id].get(path)
        if text is None:
            return JSONResponse({"error": "path_not_found", "message": "No such file."}, 404)
        lines = text.count("\n") + 1
        return {
            "path": path,
            "commit": snapshot_id,
            "start_line": 1,
            "end_line": lines,
            "line_count": lines,
            "text": text,
        }

    @app.post("/api/v1/snapshots/{snapshot_id}/names")
    async def names(snapshot_id: str, body: dict) -> dict:
        text = " ".join(services.snapshots[snapshot_id].values())
        return {
            "known": [n for n in body["names"] if n in text],
            "unknown": [n for n in body["names"] if n not in text],
        }

    @app.get("/api/v1/snapshots/{snapshot_id}/{what}")
    async def facts(snapshot_id: str, what: str) -> dict:
        counts = dict.fromkeys(("file_count", "line_count", "symbol_count", "document_count", "problem_count"), 1)
        return {"items": [], "nodes": [], "edges": [], "languages": [], **counts}

    @app.post("/api/v1/documents/generate")
    async def generate(body: dict) -> dict:
        return {"rendered": 1, "unchanged": 0}

    @app.get("/api/v1/documents")
    async def documents(repository_id: str) -> dict:
        return {"items": [d for d in services.documents.values() if d["repository_id"] == repository_id]}

    @app.api_route("/api/v1/documents/{document_id}", methods=["GET", "PUT", "DELETE"])
    async def document(document_id: str) -> Any:
        found = services.documents.get(document_id)
        return found or JSONResponse({"error": "document_not_found", "message": "There is no such document."}, 404)


def _add_rag(app: FastAPI, services: Services) -> None:
    @app.post("/api/v1/repositories/{repository_id}/generations/{generation}/files")
    async def write(repository_id: str, generation: int, body: dict) -> dict:
        for file in body["files"]:
            services.chunks.setdefault(repository_id, {})[file["path"]] = file["chunks"]
        return {"inserted": len(body["files"]), "kept": 0, "closed": 0, "embedded": len(body["files"]), "reused": 0}

    @app.delete("/api/v1/repositories/{repository_id}/generations/{generation}")
    @app.delete("/api/v1/repositories/{repository_id}")
    async def forget(repository_id: str, generation: int = 0) -> dict:
        services.chunks.pop(repository_id, None)
        return {}

    @app.post("/api/v1/repositories/{repository_id}/refine")
    async def refine(repository_id: str) -> dict:
        return {"refined": 0, "remaining": 0}

    @app.post("/api/v1/repositories/{repository_id}/prune")
    async def prune(repository_id: str) -> dict:
        return {"removed": 0}

    @app.post("/api/v1/search")
    @app.post("/api/v1/similar")
    async def search(body: dict) -> dict:
        hits = [
            {**chunk, "chunk_id": chunk["path"].replace("/", "_").replace(".", "_"), "score": 1.0,
             "repository_id": scope["repository_id"], "commit": scope["commit"]}
            for scope in body["scopes"]
            for chunks in services.chunks.get(scope["repository_id"], {}).values()
            for chunk in chunks
        ]  # fmt: skip
        return {"results": hits[: body["limit"]], "took_ms": 1.0}


def _add_models(app: FastAPI, services: Services) -> None:
    @app.post("/v1/embeddings")
    async def embed(body: dict) -> dict:
        data = [{"index": n, "embedding": "AACAPwAAAAA="} for n, _ in enumerate(body["input"])]
        return {"data": data, "model": body["model"], "usage": {"prompt_tokens": 1, "total_tokens": 1}}

    @app.get("/v1/models")
    async def models() -> dict:
        return {"data": [{"id": "extractive"}]}

    @app.get("/readyz")
    async def ready() -> dict:
        return {"status": "ok", "checks": {}}

    @app.post("/v1/chat/completions")
    async def complete(body: dict) -> StreamingResponse:
        async def frames() -> AsyncIterator[str]:
            base = {"id": "a", "created": 1, "model": "extractive"}
            for index, piece in enumerate(services.answer):
                if index == 1 and services.answer_gate is not None:
                    await services.answer_gate.wait()
                yield f"data: {json.dumps({**base, 'choices': [{'delta': {'content': piece}}]})}\n\n"
            usage = {"prompt_tokens": 7, "completion_tokens": 3, "total_tokens": 10}
            yield f"data: {json.dumps({**base, 'choices': [{'delta': {}, 'finish_reason': 'stop'}], 'usage': usage})}\n\n"
            yield "data: [DONE]\n\n"

        return StreamingResponse(frames(), media_type="text/event-stream")


class StreamingTransport(httpx.AsyncBaseTransport):
    """Like httpx.ASGITransport, but hands out the pieces of a reply as they come."""

    def __init__(self, app: FastAPI) -> None:
        self._app = app

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        body = await request.aread()
        messages: asyncio.Queue[dict[str, Any] | None] = asyncio.Queue()
        gone = asyncio.Event()
        sent = False

        async def receive() -> dict[str, Any]:
            nonlocal sent
            if not sent:
                sent = True
                return {"type": "http.request", "body": body, "more_body": False}
            await gone.wait()
            return {"type": "http.disconnect"}

        async def send(message: dict[str, Any]) -> None:
            await messages.put(message)

        scope = {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": request.method,
            "headers": [(key.lower(), value) for key, value in request.headers.raw], "scheme": "http",
            "path": request.url.path, "raw_path": request.url.raw_path, "query_string": request.url.query,
            "server": ("services", 80), "client": ("test", 1), "root_path": "",
        }  # fmt: skip

        async def serve() -> None:
            try:
                await self._app(scope, receive, send)
            finally:
                await messages.put(None)

        task = asyncio.create_task(serve())
        start = await messages.get()
        assert start is not None, "the fake services failed; see the log above"

        async def pieces() -> AsyncIterator[bytes]:
            try:
                while (message := await messages.get()) is not None:
                    yield message.get("body", b"")
            finally:
                gone.set()
                task.cancel()

        return httpx.Response(start["status"], headers=start["headers"], stream=_Pieces(pieces()))


class _Pieces(httpx.AsyncByteStream):
    def __init__(self, pieces: AsyncIterator[bytes]) -> None:
        self._pieces = pieces

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for piece in self._pieces:
            yield piece

    async def aclose(self) -> None:
        await self._pieces.aclose()  # type: ignore[attr-defined]


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
        from orchestrator.core.credentials import PasswordHasher
        from orchestrator.db.models import Organisation, User

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


@pytest.fixture
def settings(postgres_url: str, redis_server: str, service_token: str) -> Settings:
    return Settings(
        service_token=service_token,
        database_url=postgres_url,
        redis_url=redis_server,
        jwt_secret="fixture-jwt-9f8e7d6c5b4a-qwertyuiopasdfghjkl",
        admin_email=ADMIN["email"],
        admin_password=ADMIN["password"],
        lease_seconds=1.0,
        heartbeat_seconds=0.1,
        reaper_seconds=0.2,
        queued_patience_seconds=0.5,
        login_attempts_per_minute=1000,
    )


@pytest.fixture
def open_stage(settings: Settings):
    @asynccontextmanager
    async def open_it(**changes: Any) -> AsyncIterator[Stage]:
        from redis.asyncio import Redis

        chosen = settings.model_copy(update=changes)
        services, queue = Services(), LocalQueue()
        seams = Seams(StreamingTransport(make_services_app(services)), queue)
        async with Redis.from_url(chosen.redis_url.get_secret_value()) as redis:
            await redis.flushall()
        app = create_app(chosen, seams)
        async with LifespanManager(app), open_worker(chosen, seams) as worker:
            queue.engine = worker.engine
            async with AsyncExitStack() as clients:
                anonymous = httpx.AsyncClient(transport=StreamingTransport(app), base_url="http://gateway")
                client = await clients.enter_async_context(anonymous)
                yield Stage(app, client, services, queue, worker, chosen, clients)
            await queue.close()

    return open_it


@pytest.fixture
async def stage(open_stage) -> AsyncIterator[Stage]:
    async with open_stage() as stage:
        yield stage

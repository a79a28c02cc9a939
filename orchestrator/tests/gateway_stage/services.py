"""docgen-, rag-, embedding- and llm-server in memory."""

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import httpx
from fastapi import FastAPI, Request, UploadFile
from fastapi.responses import JSONResponse, Response, StreamingResponse

from gateway_stage.searching import add_search
from gateway_stage.upkeep import FakeIndex, add_upkeep

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
    asked: list[dict[str, Any]] = field(default_factory=list)
    """Bodies of chat requests."""
    chunks: dict[str, dict[str, list[dict[str, Any]]]] = field(default_factory=dict)
    snapshots: dict[str, dict[str, str]] = field(default_factory=dict)
    searched: list[dict[str, Any]] = field(default_factory=list)
    """Bodies of searches; a keyword weight of 0 finds nothing."""
    documents: dict[str, dict[str, Any]] = field(default_factory=dict)
    reports: dict[str, bytes] = field(default_factory=dict)
    upgraded: bool = False
    """Whether docgen-server has a newer analyser than the one that read the files."""
    index: FakeIndex = field(default_factory=FakeIndex)
    unrefined: int = 0
    embedding_models: dict[str, str] = field(default_factory=lambda: {"all-MiniLM-L6-v2": "ready", "static": "ready"})
    """Their states."""
    declared: set[tuple[str, str]] = field(default_factory=set)
    """Models and prompts of llm-server, by organisation and name."""
    chosen: list[dict[str, Any]] = field(default_factory=list)
    """Bodies of what was declared at llm-server, with who did it."""

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
    _add_embedding_models(app, services)
    _add_models(app, services)
    add_upkeep(app, services.index)
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

    @app.get("/api/v1/repositories/{repository_id}/commits/{commit}")
    async def find_snapshot(repository_id: str, commit: str) -> Any:
        found = next((one for one in services.snapshots if one.startswith(commit)), None)
        if found is None:
            return JSONResponse({"error": "snapshot_not_found", "message": "No such snapshot."}, 404)
        counts = {"file_count": 1, "byte_count": 1, "created_at": NOW}
        return {"id": found, "repository_id": repository_id, "commit": found, **counts}

    @app.get("/api/v1/snapshots/{snapshot_id}")
    async def get_snapshot(snapshot_id: str) -> Any:
        if snapshot_id not in services.snapshots:
            return JSONResponse({"error": "snapshot_not_found", "message": "There is no such snapshot."}, 404)
        return {
            "id": snapshot_id, "repository_id": "r", "commit": snapshot_id, "file_count": 1, "byte_count": 1,
            "created_at": NOW,
        }  # fmt: skip

    _add_contents(app, services)
    _add_findings(app, services)
    _add_facts(app, services)
    _add_documents(app, services)


def _add_contents(app: FastAPI, services: Services) -> None:
    @app.get("/api/v1/snapshots/{snapshot_id}/manifest")
    async def manifest(snapshot_id: str) -> dict:
        items = [
            {"path": path, "blob": hashlib.sha1(text.encode()).hexdigest(), "size": len(text), "language": "python",
             "skip_reason": services.skipped.get(path), "is_analysed": not services.upgraded}
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


def _add_findings(app: FastAPI, services: Services) -> None:
    @app.get("/api/v1/snapshots/{snapshot_id}/problems.sarif")
    async def sarif(snapshot_id: str) -> dict:
        return {"$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0", "runs": []}

    @app.get("/api/v1/snapshots/{snapshot_id}/packages")
    async def packages(snapshot_id: str) -> dict:
        return {"items": []}

    @app.get("/api/v1/snapshots/{snapshot_id}/history")
    async def history(snapshot_id: str) -> dict:
        return {"items": [], "commit_count": 0, "is_complete": False}

    @app.get("/api/v1/snapshots/{snapshot_id}/coverage")
    async def coverage(snapshot_id: str) -> dict:
        return {"items": []}

    @app.get("/api/v1/snapshots/{snapshot_id}/tests")
    async def tests(snapshot_id: str) -> dict:
        return {"items": []}

    @app.post("/api/v1/repositories/{repository_id}/coverage")
    @app.post("/api/v1/repositories/{repository_id}/tests")
    async def report(repository_id: str, commit: str, request: Request) -> dict:
        services.reports[request.url.path.rpartition("/")[2]] = await request.body()
        return {"commit": commit, "format": "junit"}


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

    @app.get("/api/v1/snapshots/{snapshot_id}/symbols")
    async def symbols(snapshot_id: str) -> dict:
        items = [
            {"id": path, "name": "main", "qualified_name": "main", "kind": "function", "path": path, "start_line": 1,
             "end_line": 2, "language": "python", "summary": "Start the shop and wait."}
            for path, text in services.snapshots[snapshot_id].items() if "def main" in text
        ]  # fmt: skip
        return {"items": items}

    @app.post("/api/v1/snapshots/{snapshot_id}/names")
    async def names(snapshot_id: str, body: dict) -> dict:
        text = " ".join(services.snapshots[snapshot_id].values())
        return {
            "known": [n for n in body["names"] if n in text],
            "unknown": [n for n in body["names"] if n not in text],
        }

    @app.get("/api/v1/snapshots/{snapshot_id}/pairs")
    async def pairs(snapshot_id: str, kind: str, limit: int, seed: str) -> dict:
        items = [
            {"kind": kind, "text": {"symbols": "main"}.get(kind, "Start the shop and wait."),
             "targets": [{"path": path, "start_line": 1, "end_line": 2}],
             "hidden": [{"path": path, "start_line": 1, "end_line": 1}] if kind in {"docs", "tests"} else []}
            for path, text in services.snapshots[snapshot_id].items() if "def main" in text
        ]  # fmt: skip
        if kind == "commits":
            return {"items": [], "candidates": 0, "missing": "no_history"}
        return {"items": items[:limit], "candidates": len(items)}

    @app.get("/api/v1/snapshots/{snapshot_id}/{what}")
    async def facts(snapshot_id: str, what: str) -> dict:
        counts = dict.fromkeys(("file_count", "line_count", "symbol_count", "document_count", "problem_count"), 1)
        return {"items": [], "nodes": [], "edges": [], "languages": [], **counts}


def _add_documents(app: FastAPI, services: Services) -> None:
    @app.post("/api/v1/documents/generate")
    async def generate(body: dict) -> dict:
        return {"rendered": 1, "unchanged": 0}

    @app.get("/api/v1/documents")
    async def documents(repository_id: str) -> dict:
        return {"items": [d for d in services.documents.values() if d["repository_id"] == repository_id]}

    @app.get("/api/v1/documents/export")
    async def export(repository_id: str, format: str, language: str) -> Response:
        return Response(f"{repository_id} {format} {language}".encode())

    @app.api_route("/api/v1/documents/{document_id}/{what:path}", methods=["GET", "POST"])
    async def document_part(document_id: str, what: str, author: str = "") -> Any:
        state = {
            "revision": 1,
            "title": "Shop",
            "origin": "generated",
            "commit": "c",
            "created_at": NOW,
            "content": "# S",
        }
        replies = {
            "history": {"items": [state]},
            "history/1": state,
            "diff": {"from_revision": 1, "to_revision": 2, "lines": []},
        }
        return replies.get(what) or services.documents[document_id] | {"metadata": {"author": author}}

    @app.api_route("/api/v1/documents/{document_id}", methods=["GET", "PUT", "DELETE"])
    async def document(document_id: str) -> Any:
        found = services.documents.get(document_id)
        return found or JSONResponse({"error": "document_not_found", "message": "There is no such document."}, 404)


def _add_rag(app: FastAPI, services: Services) -> None:
    @app.post("/api/v1/repositories/{repository_id}/generations/{generation}/files")
    async def write(repository_id: str, generation: int, body: dict, build: str | None = None) -> dict:
        for file in body["files"]:
            if not build:
                services.chunks.setdefault(repository_id, {})[file["path"]] = file["chunks"]
            for held in services.index.targets(repository_id, build):
                if file["chunks"]:
                    held.setdefault(repository_id, {})[file["path"]] = generation
                else:
                    held.get(repository_id, {}).pop(file["path"], None)
            if held is services.index.built:
                services.index.built_counts.setdefault(repository_id, {})[generation] = len(held.get(repository_id, {}))
        return {"inserted": len(body["files"]), "kept": 0, "closed": 0, "embedded": len(body["files"]), "reused": 0}

    @app.delete("/api/v1/repositories/{repository_id}/generations/{generation}")
    @app.delete("/api/v1/repositories/{repository_id}")
    async def forget(repository_id: str, generation: int = 0, build: str | None = None) -> dict:
        if build:
            services.index.built.pop(repository_id, None)
            services.index.built_counts.pop(repository_id, None)
        else:
            services.chunks.pop(repository_id, None)
            services.index.current.pop(repository_id, None)
        return {}

    @app.post("/api/v1/repositories/{repository_id}/generations/{generation}/trim")
    async def trim(repository_id: str, generation: int) -> dict:
        return {}

    @app.get("/api/v1/repositories/{repository_id}/paths")
    async def paths(repository_id: str, build: str) -> dict:
        return {"items": list(services.index.built.get(repository_id, {}))}

    @app.get("/api/v1/repositories/{repository_id}")
    async def count(repository_id: str, generation: int, build: str = "") -> dict:
        held = (services.index.built if build else services.index.current).get(repository_id, {})
        counts = services.index.built_counts.get(repository_id, {}) if build else {}
        known = [one for one in counts if one <= generation]
        return {
            "repository_id": repository_id,
            "generation": generation,
            "chunk_count": counts[max(known)] if known else len(held),
            "unrefined_count": services.unrefined,
        }

    @app.post("/api/v1/repositories/{repository_id}/refine")
    async def refine(repository_id: str) -> dict:
        await asyncio.sleep(0.01)
        return {"refined": 0, "remaining": services.unrefined}

    @app.post("/api/v1/repositories/{repository_id}/prune")
    async def prune(repository_id: str) -> dict:
        return {}

    add_search(app, services)


def _describe(model_id: str, state: str) -> dict:
    use = {"requests": 2, "texts": 3, "tokens": 40, "last_used_at": None}
    return {"id": model_id, "state": state, "at_start": True, "memory_bytes": 10, "use": use}


def _add_embedding_models(app: FastAPI, services: Services) -> None:
    @app.get("/api/v1/models")
    async def list_status() -> dict:
        return {"items": [_describe(name, state) for name, state in services.embedding_models.items()]}

    @app.post("/api/v1/models/{wanted}")
    async def change_model(wanted: str, body: dict) -> Any:
        if body["model"] not in services.embedding_models:
            return JSONResponse({"error": "model_not_found", "message": "There is no such model."}, 404)
        services.embedding_models[body["model"]] = "loading" if wanted == "load" else "unloaded"
        return _describe(body["model"], services.embedding_models[body["model"]])


def _add_models(app: FastAPI, services: Services) -> None:
    @app.post("/v1/embeddings")
    async def embed(body: dict) -> dict:
        data = [{"index": n, "embedding": "AACAPwAAAAA="} for n, _ in enumerate(body["input"])]
        return {"data": data, "model": body["model"], "usage": {"prompt_tokens": 1, "total_tokens": 1}}

    @app.get("/v1/models")
    async def models() -> dict:
        return {"data": [{"id": "extractive"}]}

    @app.put("/api/v1/providers")
    async def choose(body: dict, request: Request) -> dict:
        services.chosen.append(body | {"user": request.headers["X-CodeMuse-User"]})
        return {"models": [], "roles": {}}

    @app.get("/v1/models/{name}")
    @app.delete("/api/v1/providers/{name}")
    async def use_declared(name: str, request: Request) -> Any:
        if (request.headers["X-CodeMuse-Organisation"], name) in services.declared:
            return {}
        return JSONResponse({"error": "not_found", "message": "There is no such thing."}, 404)

    @app.post("/api/v1/prompt-templates/{name}/render")
    async def render(name: str, body: dict, request: Request) -> Any:
        if (request.headers["X-CodeMuse-Organisation"], name) in services.declared:
            content = f"[{name}@{body.get('version') or 3}] " + " ".join(sorted(body.get("variables", {}).values()))
            return {
                "name": name,
                "version": body.get("version") or 3,
                "messages": [{"role": "user", "content": content}],
            }
        return JSONResponse({"error": "prompt_not_found", "message": "There is no such prompt."}, 404)

    @app.get("/readyz")
    async def ready() -> dict:
        return {"status": "ok", "checks": {}}

    @app.post("/v1/chat/completions")
    async def complete(body: dict) -> StreamingResponse:
        services.asked.append(body)

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

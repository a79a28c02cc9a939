"""The upkeep of rag-server's index in memory: builds that repositories come into, and backups."""

import copy
from dataclasses import dataclass, field
from typing import Any

from fastapi import FastAPI
from fastapi.responses import JSONResponse

NOW = "2026-01-01T00:00:00Z"
MODELS = [{"id": "static", "fingerprint": "one", "dimensions": 8}, {"id": "big", "fingerprint": "one", "dimensions": 8}]


@dataclass
class FakeIndex:
    """Chunks by repository, path and generation; a build beside them, and copies of both."""

    state: str = "open"
    build: dict[str, Any] | None = None
    built: dict[str, dict[str, int]] = field(default_factory=dict)
    """What the build holds: the generation each path was last written in, by repository."""
    built_counts: dict[str, dict[int, int]] = field(default_factory=dict)
    """How many chunks readers of each generation find in the build, by repository."""
    current: dict[str, dict[str, int]] = field(default_factory=dict)
    foreign: list[dict[str, str]] = field(default_factory=list)
    """Owners that only the index knows."""
    backups: dict[str, dict[str, Any]] = field(default_factory=dict)
    swaps: int = 0

    def targets(self, repository_id: str, build: str | None) -> list[dict[str, dict[str, int]]]:
        """What a write goes to: both, once the repository is in the build."""
        if build:
            return [self.built]
        pending = {owner["repository_id"] for owner in self.build["pending"]} if self.build else {repository_id}
        return [self.current] if repository_id in pending else [self.current, self.built]


def add_upkeep(app: FastAPI, index: FakeIndex) -> None:
    @app.get("/api/v1/index")
    async def read() -> dict:
        build = index.build and {**index.build, "chunk_count": sum(map(len, index.built.values()))}
        counts = {"chunk_count": sum(map(len, index.current.values())), "repository_count": len(index.current)}
        return {
            "state": index.state,
            "engine": "embedded",
            "collection": "c",
            "models": MODELS,
            "build": build,
            **counts,
        }

    @app.put("/api/v1/index/builds/{build_id}")
    async def begin(build_id: str, body: dict) -> Any:
        if index.build is not None and index.build["id"] != build_id:
            return JSONResponse({"error": "build_under_way", "message": "Another one."}, 409)
        if index.build is None:
            known = body["repositories"] + [owner for owner in index.foreign if owner not in body["repositories"]]
            index.build = {
                "id": build_id,
                "collection": f"c-{build_id}",
                "backup": body.get("backup") or "",
                "pending": known,
            }
            index.built_counts = {}
            index.built = copy.deepcopy(index.backups[body["backup"]]["held"]) if body.get("backup") else {}
        return index.build

    @app.post("/api/v1/index/builds/{build_id}/complete")
    async def complete(build_id: str, body: dict) -> dict:
        if index.build is not None:
            index.build["pending"] = [owner for owner in index.build["pending"] if owner != body]
        return {}

    @app.post("/api/v1/index/builds/{build_id}/publish")
    async def publish(build_id: str) -> Any:
        if index.build is not None:
            if index.build["pending"]:
                return JSONResponse({"error": "build_incomplete", "message": "Some are missing."}, 409)
            index.current, index.build, index.state = index.built, None, "open"
            index.swaps += 1
        return await read()

    @app.delete("/api/v1/index/builds/{build_id}")
    async def abandon(build_id: str) -> dict:
        if index.build is not None and index.build["id"] == build_id:
            index.build = None
        return {}

    _add_backups(app, index)


def _add_backups(app: FastAPI, index: FakeIndex) -> None:
    @app.post("/api/v1/backups")
    async def create(body: dict) -> dict:
        index.backups[body["id"]] = {
            **body, "created_at": NOW, "engine": "embedded", "collection": "c", "models": MODELS, "format": 2,
            "terms_version": 1, "chunk_count": sum(map(len, index.current.values())), "repository_count": len(body["repositories"]), "byte_count": 10,
            "files": [], "held": copy.deepcopy(index.current),
        }  # fmt: skip
        return index.backups[body["id"]]

    @app.get("/api/v1/backups")
    async def list_backups() -> dict:
        return {"items": list(reversed(index.backups.values()))}

    @app.get("/api/v1/backups/{backup_id}")
    async def get(backup_id: str) -> Any:
        missing = JSONResponse({"error": "backup_not_found", "message": "There is no such backup."}, 404)
        return index.backups.get(backup_id, missing)

    @app.delete("/api/v1/backups/{backup_id}")
    async def delete(backup_id: str) -> Any:
        if index.backups.pop(backup_id, None) is None:
            return JSONResponse({"error": "backup_not_found", "message": "There is no such backup."}, 404)
        return {}

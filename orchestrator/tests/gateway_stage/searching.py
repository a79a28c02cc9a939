"""What rag-server finds, in memory: every chunk of the searched repositories, in order."""

from typing import TYPE_CHECKING

from fastapi import FastAPI

if TYPE_CHECKING:
    from gateway_stage.services import Services


def add_search(app: FastAPI, services: "Services") -> None:
    @app.get("/api/v1/weights")
    async def weights() -> dict:
        known = [("keyword", 1.0, False, 5.0), ("file_name", 1.3, False, 5.0), ("tests", 0.35, True, 1.0)]
        names = ("signal", "default", "is_factor", "maximum")
        return {"items": [dict(zip(names, one, strict=True)) for one in known]}

    @app.post("/api/v1/search")
    @app.post("/api/v1/similar")
    async def search(body: dict) -> dict:
        services.searched.append(body)
        if body.get("weights", {}).get("keyword") == 0:
            return {"results": [], "took_ms": 1.0}
        hits = [
            {**chunk, "chunk_id": chunk["path"].replace("/", "_").replace(".", "_"), "score": 1.0,
             "repository_id": scope["repository_id"], "commit": scope["commit"]}
            for scope in body["scopes"]
            for chunks in services.chunks.get(scope["repository_id"], {}).values()
            for chunk in chunks
        ]  # fmt: skip
        return {"results": hits[: body["limit"]], "took_ms": 1.0}

    @app.post("/api/v1/compare")
    async def compare(body: dict) -> dict:
        hits = [(await search({"scopes": [body[name]], "limit": 1}))["results"][0] for name in ("before", "after")]
        change = {"kind": "changed", "path": "src/app.py", "score": 1, "before": hits[0], "after": hits[1]}
        return {"changes": [change], "took_ms": 1.0}

    @app.post("/api/v1/context")
    async def context(body: dict) -> dict:
        hits = (await search({**body, "limit": body["maximum_sources"]}))["results"]
        sources = [
            {**hit, "number": number, "reason": "evidence", "tokens": 10, "is_whole": True} for number, hit in enumerate(hits, 1)
        ]  # fmt: skip
        return {
            "sources": sources,
            "tokens": 10 * len(sources),
            "token_budget": body["token_budget"],
            "left_out": 0,
            "took_ms": 1.0,
        }

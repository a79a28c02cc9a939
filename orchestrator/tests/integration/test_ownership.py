"""What belongs to others is not found, on every route that takes an id."""

import httpx

UNKNOWN = "f" * 32


async def test_things_of_another_organisation_do_not_exist(stage) -> None:
    owner = await stage.sign_in()
    repository = await stage.index(owner)
    session = (await owner.post("/api/v1/chat/sessions", json={})).json()
    path = f"/api/v1/chat/sessions/{session['id']}/messages"
    asked = (await owner.post(path, json={"content": "Where?"}, params={"wait": True})).json()
    key = (await owner.post("/api/v1/api-keys", json={"name": "k", "scopes": ["search"]})).json()
    vectors = (await owner.post("/api/v1/embeddings/generate", json={"texts": ["a"]})).json()
    evaluation = (await owner.post("/api/v1/evaluations", json={"repository_id": repository["id"]})).json()
    stage.services.documents["d1"] = {
        "id": "d1", "repository_id": repository["id"], "title": "Shop", "kind": "overview", "path": "/", "content": "# Shop",
        "created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z",
    }  # fmt: skip
    known = {
        "repository_id": repository["id"], "run_id": asked["run"]["id"], "session_id": session["id"], "key_id": key["id"],
        "embedding_id": vectors["id"], "document_id": "d1", "revision": "1", "generation": "1",
        "evaluation_id": evaluation["evaluation"]["id"], "model_name": "qwen", "prompt_name": "greet",
        "backup_id": "b" * 32,
    }  # fmt: skip
    home = (await owner.get("/api/v1/auth/me")).json()["organisation_id"]
    stage.services.declared |= {(home, "qwen"), (home, "greet")}
    stranger = await stage.add_user("eve@example.com")
    for method, template in routes_with_ids():
        foreign = await call(stranger, method, template.format_map(known))
        unknown = await call(
            stranger, method, template.format_map(dict.fromkeys(known, UNKNOWN) | {"revision": "1", "generation": "1"})
        )
        assert foreign.status_code == unknown.status_code == 404, (method, template, foreign.text)
        assert neutral(foreign) == neutral(unknown), (method, template)
    assert (await owner.get("/api/v1/documents/d1")).status_code == 200
    assert (await owner.get(f"/api/v1/embeddings/{vectors['id']}")).status_code == 200


async def test_a_search_never_leaves_the_organisation(stage) -> None:
    owner = await stage.sign_in()
    repository = await stage.index(owner)
    stranger = await stage.add_user("eve@example.com")
    assert (await stranger.post("/api/v1/search", json={"query": "main"})).json()["results"] == []
    assert (await owner.post("/api/v1/search", json={"query": "main", "repository_ids": []})).json()["results"] == []
    named = await stranger.post("/api/v1/search", json={"query": "main", "repository_ids": [repository["id"]]})
    assert (named.status_code, named.json()["error"]) == (404, "repository_not_found")
    sly = await stranger.post("/api/v1/search", json={"query": "main", "filter": {"should": []}, "collection": "x"})
    assert sly.status_code == 422
    assert (await stranger.get("/api/v1/search/similar", params={"chunk_id": "src_app_py"})).json()["results"] == []


async def test_colleagues_share_repositories_but_not_conversations(stage) -> None:
    admin = await stage.sign_in()
    repository = await stage.index(admin)
    session = (await admin.post("/api/v1/chat/sessions", json={})).json()
    new = {"email": "kim@example.com", "name": "Kim", "password": "a good password"}
    await admin.post("/api/v1/users", json=new)
    colleague = await stage.sign_in("kim@example.com", "a good password")
    assert (await colleague.get(f"/api/v1/repositories/{repository['id']}")).status_code == 200
    assert (await colleague.get(f"/api/v1/chat/sessions/{session['id']}")).status_code == 404


def routes_with_ids() -> list[tuple[str, str]]:
    from orchestrator.openapi import build_openapi

    return [
        (method, path) for path, operations in build_openapi()["paths"].items() for method in operations if "{" in path
    ]


async def call(client: httpx.AsyncClient, method: str, path: str) -> httpx.Response:
    last = path.rpartition("/")[2]
    bodies = {"messages": {"content": "x"}, "resolve": {"section": "x", "keep": "edit"}, "restore": {"revision": 1}}
    params = {"files": {"path": "a.py"}, "diff": {"from": 1, "to": 2}, "compare": {"before": UNKNOWN}}
    if method == "post":
        params |= {"coverage": {"commit": "abc"}, "tests": {"commit": "abc"}}
    return await client.request(
        method,
        path,
        json=bodies.get(last, {}) if method not in {"get", "delete"} else None,
        params=params.get(last) if last != "files" or "repositories" in path else None,
    )


def neutral(reply: httpx.Response) -> dict:
    return {key: value for key, value in reply.json().items() if key != "request_id"}

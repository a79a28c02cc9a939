"""Search and context through the gateway."""


async def test_a_query_may_name_repositories(stage) -> None:
    owner = await stage.sign_in()
    repository = await stage.index(owner)
    found = (await owner.post("/api/v1/search", json={"query": f"main repo:{repository['name']}"})).json()["results"]
    assert {hit["repository_id"] for hit in found} == {repository["id"]}
    missing = await owner.post("/api/v1/search", json={"query": "main repo:nowhere"})
    assert (missing.status_code, missing.json()["error"]) == (404, "unknown_repository")


async def test_context_stays_within_the_organisation_and_what_is_published(stage) -> None:
    owner = await stage.sign_in()
    repository = await stage.index(owner)
    packed = (await owner.post("/api/v1/context", json={"queries": ["main"]})).json()
    assert [source["number"] for source in packed["sources"]] == list(range(1, len(packed["sources"]) + 1))
    assert {(source["repository_id"], source["commit"]) for source in packed["sources"]} == {
        (repository["id"], repository["commit"])
    }
    stranger = await stage.add_user("eve@example.com")
    assert (await stranger.post("/api/v1/context", json={"queries": ["main"]})).json()["sources"] == []
    named = await stranger.post("/api/v1/context", json={"queries": ["main"], "repository_ids": [repository["id"]]})
    assert (named.status_code, named.json()["error"]) == (404, "repository_not_found")
    assert (await owner.post("/api/v1/context", json={"queries": []})).status_code == 422

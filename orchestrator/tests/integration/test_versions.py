"""Versions: which can be searched, under which names, and when they are forgotten."""


async def publish(stage, client, text):
    stage.services.files = {"src/app.py": text}
    return await stage.index(client)


async def versions(client, repository):
    return (await client.get(f"/api/v1/repositories/{repository['id']}/versions")).json()["items"]


async def test_versions_are_searched_by_generation_commit_and_name(stage) -> None:
    client = await stage.sign_in()
    first = await publish(stage, client, "one")
    second = await publish(stage, client, "two")
    listed = await versions(client, second)
    assert [(item["generation"], item["is_published"]) for item in listed] == [(2, True), (1, False)]
    path = f"/api/v1/repositories/{second['id']}/versions/1"
    assert (await client.patch(path, json={"label": "v1.0", "kept": True})).json()["label"] == "v1.0"
    for name in ("1", first["commit"], first["commit"][:8], "v1.0"):
        found = (await client.post("/api/v1/search", json={"query": "app", "as_of": name})).json()["results"]
        assert {hit["commit"] for hit in found} == {first["commit"]}, name
        packed = (await client.post("/api/v1/context", json={"queries": ["app"], "as_of": name})).json()["sources"]
        assert {source["commit"] for source in packed} == {first["commit"]}, name
    missing = await client.post("/api/v1/search", json={"query": "app", "as_of": "v9"})
    assert (missing.status_code, missing.json()["error"]) == (404, "version_not_found")


async def test_a_version_that_is_to_be_kept_outlives_the_next_ones(stage) -> None:
    client = await stage.sign_in()
    repository = await publish(stage, client, "one")
    await publish(stage, client, "two")
    await client.patch(f"/api/v1/repositories/{repository['id']}/versions/2", json={"kept": True})
    for number in range(3):
        await publish(stage, client, f"more {number}")
    assert [item["generation"] for item in await versions(client, repository)] == [5, 4, 3, 2]
    assert any(call.endswith("/prune") for call in stage.services.calls)
    gone = await client.patch(f"/api/v1/repositories/{repository['id']}/versions/1", json={"kept": True})
    assert (gone.status_code, gone.json()["error"]) == (404, "version_not_found")


async def test_a_name_belongs_to_one_version(stage) -> None:
    client = await stage.sign_in()
    repository = await publish(stage, client, "one")
    await publish(stage, client, "two")
    path = f"/api/v1/repositories/{repository['id']}/versions"
    assert (await client.patch(f"{path}/1", json={"label": "v1"})).status_code == 200
    taken = await client.patch(f"{path}/2", json={"label": "v1"})
    assert (taken.status_code, taken.json()["error"]) == (409, "version_label_taken")


async def test_a_label_is_no_mere_number(stage) -> None:
    client = await stage.sign_in()
    repository = await publish(stage, client, "one")
    refused = await client.patch(f"/api/v1/repositories/{repository['id']}/versions/1", json={"label": "2"})
    assert (refused.status_code, refused.json()["error"]) == (422, "invalid_input")


async def test_a_version_is_called_by_the_ref_that_was_indexed_and_not_by_that_of_its_repository(stage) -> None:
    client = await stage.sign_in()
    body = {"url": "https://example.com/shop.git", "ref": "v1"}
    accepted = (await client.post("/api/v1/repositories", json=body)).json()
    await stage.finish(client, accepted["run"]["id"])
    path = f"/api/v1/repositories/{accepted['repository']['id']}"
    old = (await client.get(path)).json()["commit"]
    await client.patch(f"{path}/versions/1", json={"kept": True})
    for ref, text in (("v2", "two"), (old, "one again")):
        stage.services.files = {"src/app.py": text}
        await stage.finish(client, (await client.post(f"{path}/index", json={"ref": ref})).json()["run"]["id"])
    assert [item["ref"] for item in await versions(client, accepted["repository"])] == [old, "v2", "v1"]
    repository = (await client.get(path)).json()
    assert (repository["ref"], repository["published_ref"]) == ("v1", old)
    for name, generation in (("v1", 1), ("v2", 2), (old, 1)):
        read = (await client.post("/api/v1/search", json={"query": "app", "as_of": name})).json()["results"]
        listed = {item["commit"]: item["generation"] for item in await versions(client, accepted["repository"])}
        assert {listed[hit["commit"]] for hit in read} == {generation}, name


async def test_versions_are_compared(stage) -> None:
    client = await stage.sign_in()
    first = await publish(stage, client, "one")
    second = await publish(stage, client, "two")
    body = {"repository_id": first["id"], "query": "app", "before": "1"}
    (change,) = (await client.post("/api/v1/search/compare", json=body)).json()["changes"]
    assert (change["before"]["commit"], change["after"]["commit"]) == (first["commit"], second["commit"])
    stranger = await stage.add_user("eve@example.com")
    refused = await stranger.post("/api/v1/search/compare", json=body)
    assert (refused.status_code, refused.json()["error"]) == (404, "repository_not_found")


async def test_a_file_is_read_as_it_stood_in_a_version(stage) -> None:
    client = await stage.sign_in()
    first = await publish(stage, client, "one")
    second = await publish(stage, client, "two")
    path = f"/api/v1/repositories/{second['id']}/files"

    async def read(as_of):
        return await client.get(path, params={"path": "src/app.py"} | ({"as_of": as_of} if as_of else {}))

    for name in ("1", first["commit"], first["commit"][:9]):
        old = (await read(name)).json()
        assert (old["text"], old["commit"]) == ("one", first["commit"]), name
    for name in (None, "2", second["commit"]):
        assert (await read(name)).json()["text"] == "two"
    for name in ("9", "v9", "0" * 40):
        missing = await read(name)
        assert (missing.status_code, missing.json()["error"]) == (404, "version_not_found"), name


async def test_what_a_search_found_in_a_version_opens_there_after_the_version_was_forgotten(stage) -> None:
    client = await stage.sign_in()
    await publish(stage, client, "one")
    await publish(stage, client, "two")
    (hit,) = (await client.post("/api/v1/search", json={"query": "app", "as_of": "1"})).json()["results"]
    for number in range(3):
        repository = await publish(stage, client, f"more {number}")
    query = {"path": hit["path"], "as_of": hit["commit"]}
    opened = (await client.get(f"/api/v1/repositories/{repository['id']}/files", params=query)).json()
    assert (opened["text"], opened["commit"]) == ("one", hit["commit"])

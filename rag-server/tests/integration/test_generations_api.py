import pytest

from rag_server.core.store import VectorName

ORG = {"organisation_id": "org"}


@pytest.fixture
def write(api):
    async def write(generation, files, *, repository="repo", organisation="org", commit="c1"):
        body = {
            "organisation_id": organisation,
            "commit": commit,
            "files": [
                {"path": path, "chunks": [c.model_dump(mode="json") for c in chunks]} for path, chunks in files.items()
            ],
        }
        reply = await api.post(f"/api/v1/repositories/{repository}/generations/{generation}/files", json=body)
        assert reply.status_code == 200, reply.text
        return reply.json()

    return write


@pytest.fixture
def find(api):
    async def find(generation, query="config", *, repository="repo", organisation="org"):
        scope = {"repository_id": repository, "generation": generation, "commit": f"commit-{generation}"}
        body = {"organisation_id": organisation, "scopes": [scope], "query": query}
        reply = await api.post("/api/v1/search", json=body)
        assert reply.status_code == 200, reply.text
        return reply.json()["results"]

    return find


async def test_a_repeated_write_changes_nothing(write, make_chunk, embedder):
    files = {"src/config.py": [make_chunk()]}
    assert await write(1, files) == {"inserted": 1, "kept": 0, "closed": 0, "embedded": 1, "reused": 0}
    assert await write(1, files) == {"inserted": 0, "kept": 1, "closed": 0, "embedded": 0, "reused": 0}
    assert len(embedder.embedded[VectorName.FAST]) == 1


async def test_readers_of_the_old_generation_see_nothing_of_the_new_one(write, find, make_chunk):
    await write(1, {"src/config.py": [make_chunk()], "gone.py": [make_chunk(path="gone.py")]})
    await write(2, {"src/config.py": [make_chunk(text="def parse_config(): new")], "gone.py": []})
    assert {hit["path"] for hit in await find(1)} == {"src/config.py", "gone.py"}
    (hit,) = await find(2)
    assert "new" in hit["text"]


async def test_a_kept_chunk_shows_the_commit_that_is_read(write, find, make_chunk):
    await write(1, {"src/config.py": [make_chunk()]}, commit="first")
    await write(2, {"src/config.py": [make_chunk()]}, commit="second")
    assert [hit["commit"] for hit in await find(2)] == ["commit-2"]


async def test_a_moved_file_a_fork_and_a_duplicate_embed_nothing(write, make_chunk):
    await write(1, {"src/config.py": [make_chunk()]})
    moved = await write(2, {"src/config.py": [], "lib/config.py": [make_chunk(path="lib/config.py")]})
    fork = await write(1, {"src/config.py": [make_chunk()]}, repository="fork")
    copies = {f"{name}.py": [make_chunk(path=f"{name}.py", text="brand new")] for name in "ab"}
    duplicate = await write(3, copies)
    assert (moved["embedded"], moved["reused"], moved["closed"]) == (0, 1, 1)
    assert (fork["embedded"], fork["reused"]) == (0, 1)
    assert (duplicate["embedded"], duplicate["reused"]) == (1, 1)


async def test_another_organisation_does_not_profit(write, make_chunk):
    await write(1, {"src/config.py": [make_chunk()]})
    assert (await write(1, {"src/config.py": [make_chunk()]}, organisation="other"))["embedded"] == 1


async def test_a_different_second_attempt_wins(write, find, make_chunk):
    await write(1, {"src/config.py": [make_chunk()]})
    await write(2, {"src/config.py": [make_chunk(text="wrong config attempt")]})
    await write(2, {"src/config.py": [make_chunk()]})
    assert len(await find(1)) == len(await find(2)) == 1
    assert "attempt" not in (await find(2))[0]["text"]


async def test_an_aborted_generation_leaves_no_trace(api, write, find, make_chunk):
    await write(1, {"src/config.py": [make_chunk()]})
    await write(2, {"src/config.py": [make_chunk(text="config changed")]})
    reply = await api.delete("/api/v1/repositories/repo/generations/2", params=ORG)
    assert reply.status_code == 200
    (hit,) = await find(2)
    assert hit["text"] == make_chunk().text


async def test_pruning_forgets_old_generations_only(api, write, find, make_chunk):
    await write(1, {"src/config.py": [make_chunk()]})
    await write(2, {"src/config.py": [make_chunk(text="config changed")]})
    reply = await api.post("/api/v1/repositories/repo/prune", json={**ORG, "keep_from": 2})
    assert reply.status_code == 200
    assert await find(1) == []
    assert len(await find(2)) == 1


async def test_a_deleted_repository_is_gone(api, write, find, make_chunk):
    await write(1, {"src/config.py": [make_chunk()]})
    await write(1, {"src/config.py": [make_chunk()]}, repository="other")
    assert (await api.delete("/api/v1/repositories/repo", params=ORG)).status_code == 200
    assert await find(1) == []
    assert len(await find(1, repository="other")) == 1


async def test_refining_fills_in_a_bounded_number_and_reuses(api, write, make_chunk, embedder):
    files = {f"{n}.py": [make_chunk(path=f"{n}.py", text=f"config {n % 2}")] for n in range(4)}
    await write(1, files)

    async def refine(limit):
        return (await api.post("/api/v1/repositories/repo/refine", json={**ORG, "limit": limit})).json()

    assert await refine(3) == {"refined": 3, "remaining": 1}
    assert await refine(3) == {"refined": 1, "remaining": 0}
    assert await refine(3) == {"refined": 0, "remaining": 0}
    assert len(embedder.embedded[VectorName.DENSE]) == 2


async def test_a_text_that_is_refined_already_arrives_refined(api, write, make_chunk):
    await write(1, {"src/config.py": [make_chunk()]})
    await api.post("/api/v1/repositories/repo/refine", json=ORG)
    await write(1, {"src/config.py": [make_chunk()]}, repository="fork")
    counts = (await api.get("/api/v1/repositories/fork", params={**ORG, "generation": 1})).json()
    assert (counts["chunk_count"], counts["unrefined_count"]) == (1, 0)


async def test_counts_are_of_the_generation_that_is_asked_for(api, write, make_chunk):
    await write(1, {"src/config.py": [make_chunk()]})
    await write(2, {"src/config.py": []})
    for generation, count in ((1, 1), (2, 0)):
        reply = await api.get("/api/v1/repositories/repo", params={**ORG, "generation": generation})
        assert reply.json()["chunk_count"] == count


async def test_a_chunk_under_a_foreign_path_is_refused(api, make_chunk):
    body = {**ORG, "commit": "c", "files": [{"path": "a.py", "chunks": [make_chunk().model_dump(mode="json")]}]}
    reply = await api.post("/api/v1/repositories/repo/generations/1/files", json=body)
    assert (reply.status_code, reply.json()["error"]) == (422, "foreign_path")


@pytest.mark.parametrize("generation", [0, -1, 2**31 - 1, "x"])
async def test_impossible_generations_are_refused(api, generation):
    body = {**ORG, "commit": "c", "files": [{"path": "a.py", "chunks": []}]}
    reply = await api.post(f"/api/v1/repositories/repo/generations/{generation}/files", json=body)
    assert reply.status_code == 422


async def test_without_embeddings_a_write_fails_and_leaves_nothing_half_done(api, find, make_chunk, embedder):
    embedder.away = True
    body = {
        **ORG,
        "commit": "c",
        "files": [{"path": "src/config.py", "chunks": [make_chunk().model_dump(mode="json")]}],
    }
    reply = await api.post("/api/v1/repositories/repo/generations/1/files", json=body)
    embedder.away = False
    assert reply.status_code == 503
    assert await find(1) == []

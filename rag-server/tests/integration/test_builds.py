"""An index is built beside the one that is searched: nobody notices until it takes its place."""

import asyncio
from functools import partial

import pytest
from structlog.testing import capture_logs

from codemuse.testing import eventually
from rag_server.core.edge_storage import read_catalogue, write_catalogue


@pytest.fixture
async def service(start):
    async with start() as service:
        await service.opened()
        await service.write("shop", 1, {"a.py": "take an order", "b.py": "send an invoice"})
        await service.write("blog", 1, {"post.py": "write an article"})
        yield service


def collections(tmp_path):
    return sorted(place.name for place in (tmp_path / "qdrant").iterdir() if place.is_dir())


async def rebuild(service, build, repository, texts):
    await service.write(repository, 1, texts, build=build)
    await service.complete(build, repository)


async def test_a_build_takes_the_place_of_the_index_when_it_is_complete(service, tmp_path):
    old = (await service.index())["collection"]
    begun = await service.begin("one")
    assert [owner["repository_id"] for owner in begun["pending"]] == ["blog", "shop"]
    await rebuild(service, "one", "shop", {"a.py": "take an order", "c.py": "brand new"})
    assert await service.find("shop", "brand", mode="keyword") == []
    early = await service.call("POST", "/index/builds/one/publish", status=409)
    assert (early["error"], early["details"]) == ("build_incomplete", {"pending": 1})
    await rebuild(service, "one", "blog", {"post.py": "write an article"})
    published = await service.call("POST", "/index/builds/one/publish")
    assert (published["chunk_count"], published["build"]) == (3, None)
    assert [hit["path"] for hit in await service.find("shop", "brand")][:1] == ["c.py"]
    assert await service.count("shop") == 2
    await eventually(lambda: old not in collections(tmp_path))
    assert (await service.call("POST", "/index/builds/one/publish"))["collection"] == published["collection"]


async def test_what_is_written_meanwhile_is_in_both(service):
    await service.begin("one")
    await service.write("shop", 2, {"b.py": "before it was copied"})
    await service.write("late", 1, {"n.py": "a new repository"})
    await rebuild(service, "one", "shop", {"a.py": "take an order"})
    await service.write("shop", 2, {"d.py": "after it was copied"})
    assert [await service.count(name, 2, build="one") for name in ("shop", "late", "blog")] == [2, 1, 0]
    assert await service.count("shop", 2) == 3
    await service.call("DELETE", "/repositories/late", params={"organisation_id": "org"})
    assert await service.count("late", 1, build="one") == 0


async def test_a_build_that_is_given_up_leaves_nothing(service, tmp_path):
    await service.begin("one")
    await rebuild(service, "one", "shop", {"a.py": "elsewhere"})
    await service.call("DELETE", "/index/builds/one")
    await service.call("DELETE", "/index/builds/one")
    await eventually(lambda: len(collections(tmp_path)) == 1)
    assert [hit["path"] for hit in await service.find("shop", "order")][:1] == ["a.py"]
    gone = await service.write("shop", 1, {"a.py": "late"}, build="one", status=404)
    assert gone["error"] == "build_not_found"
    assert (await service.begin("two"))["id"] == "two"


async def test_there_is_one_build_at_a_time(service):
    await service.begin("one")
    assert (await service.begin("one"))["id"] == "one"
    assert (await service.begin("two", status=409))["error"] == "build_under_way"
    for method, path in [("POST", "two/publish"), ("POST", "two/complete")]:
        body = {"organisation_id": "org", "repository_id": "shop"}
        refused = await service.call(method, f"/index/builds/{path}", json=body, status=404)
        assert refused["error"] == "build_not_found"


async def test_a_restart_goes_on_with_the_build(start, tmp_path):
    async with start() as service:
        await service.opened()
        await service.write("shop", 1, {"a.py": "take an order"})
        await service.begin("one", "shop", "unborn")
        await rebuild(service, "one", "shop", {"a.py": "take another order"})
    async with start() as service:
        await service.opened()
        build = (await service.index())["build"]
        assert ([owner["repository_id"] for owner in build["pending"]], build["chunk_count"]) == (["unborn"], 1)
        await service.complete("one", "unborn")
        await service.call("POST", "/index/builds/one/publish")
        assert "another" in (await service.find("shop", "order"))[0]["text"]
    async with start() as service:
        await service.opened()
        assert "another" in (await service.find("shop", "order"))[0]["text"]
        await eventually(lambda: len(collections(tmp_path)) == 1)


async def test_searches_see_one_index_or_the_other_while_they_change_places(service):
    await service.begin("one")
    await rebuild(service, "one", "shop", {"a.py": "take an order now"})
    await rebuild(service, "one", "blog", {"post.py": "write an article"})

    async def ask():
        return [{hit["text"] for hit in await service.find("shop", "order")} for _ in range(20)]

    seen, _ = await asyncio.gather(ask(), service.call("POST", "/index/builds/one/publish"))
    old, new = {"take an order", "send an invoice"}, {"take an order now"}
    assert all(texts in (old, new) for texts in seen)
    assert await ask() == [new] * 20


async def test_writes_are_not_lost_while_indexes_change_places(service):
    await service.begin("one")
    await rebuild(service, "one", "shop", {"a.py": "take an order"})
    await rebuild(service, "one", "blog", {"post.py": "write an article"})
    writes = [partial(service.write, "shop", 1, {f"n{number}.py": f"number {number}"}) for number in range(12)]
    publish = partial(service.call, "POST", "/index/builds/one/publish")
    await asyncio.gather(*(job() for job in (*writes[:6], publish, *writes[6:])))
    assert await service.count("shop") == 13


async def test_trimming_goes_back_to_a_generation(service):
    await service.write("shop", 2, {"a.py": "take two orders", "new.py": "new"})
    await service.call("POST", "/repositories/shop/generations/1/trim", params={"organisation_id": "org"})
    assert {hit["text"] for hit in await service.find("shop", "order invoice", 2)} == {
        "take an order",
        "send an invoice",
    }
    paths = await service.call("GET", "/repositories/shop/paths", params={"organisation_id": "org"})
    assert sorted(paths["items"]) == ["a.py", "b.py"]


async def test_a_build_that_cannot_be_opened_is_given_up_like_any_other(start, tmp_path):
    async with start() as service:
        await service.opened()
        await service.write("shop", 1, {"a.py": "take an order"})
        build = (await service.begin("one"))["id"]
    (broken,) = (
        place for place in (tmp_path / "qdrant").iterdir() if place.is_dir() and place.name.endswith(f"-{build}")
    )
    for file in broken.rglob("edge_config.json"):
        file.write_text("nonsense")
    async with start() as service:
        await service.opened()
        await service.call("DELETE", "/index/builds/one")
        await eventually(lambda: not broken.exists())
        with capture_logs() as logs:
            await asyncio.sleep(0.5)
            await service.write("shop", 1, {"b.py": "send an invoice"})
        assert [log for log in logs if log["log_level"] == "error"] == []


async def test_a_build_begun_with_a_backup_is_complete_only_with_what_the_backup_brought(start, tmp_path):
    async with start() as service:
        await service.opened()
        await service.write("shop", 1, {"a.py": "take an order"})
        await service.back_up("monday", shop=1)
        await service.call("DELETE", "/repositories/shop", params={"organisation_id": "org"})
        await service.begin("one", backup="monday")
    catalogue = read_catalogue(tmp_path / "qdrant")
    interrupted = catalogue.build.model_copy(update={"pending": [], "is_uncounted": True})
    write_catalogue(tmp_path / "qdrant", catalogue.model_copy(update={"build": interrupted}))
    async with start() as service:
        await service.opened()
        begun = await service.begin("one", backup="monday")
        assert [owner["repository_id"] for owner in begun["pending"]] == ["shop"]
        await service.complete("one", "shop")
        assert (await service.begin("one", backup="monday"))["pending"] == []

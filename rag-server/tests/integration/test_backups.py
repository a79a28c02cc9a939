"""The restore drill and its bad inputs, on the embedded engine with the whole service."""

import json
import shutil

import pytest

from codemuse.testing import eventually
from rag_server.core import disk

TEXTS = {"a.py": "take an order", "b.py": "send an invoice", "인증.md": "로그인 인증 안내"}


@pytest.fixture
async def service(start):
    async with start() as service:
        await service.opened()
        await service.write("shop", 1, TEXTS)
        await service.refine("shop")
        yield service


async def hits(service, query="order invoice 인증", generation=1):
    return [
        (hit["chunk_id"], hit["path"], hit["text"], round(hit["score"], 4), sorted(hit["matched"]))
        for hit in await service.find("shop", query, generation)
    ]


async def restore(service, backup, build="restored"):
    begun = await service.begin(build, "shop", backup=backup)
    for owner in begun["pending"]:
        await service.complete(build, owner["repository_id"])
    return await service.call("POST", f"/index/builds/{build}/publish")


async def test_what_was_lost_comes_back_as_it_was(service):
    before = await hits(service)
    made = await service.back_up("monday", shop=1)
    assert (made["chunk_count"], made["repository_count"], made["engine"]) == (3, 1, "embedded")
    await service.call("DELETE", "/repositories/shop", params={"organisation_id": "org"})
    await service.write("other", 1, {"x.py": "too much"})
    assert await hits(service) == []
    restored = await restore(service, "monday")
    assert restored["chunk_count"] == 3
    assert await hits(service) == before
    counts = await service.call("GET", "/repositories/shop", params={"organisation_id": "org", "generation": 1})
    assert counts["unrefined_count"] == 0


async def test_an_index_whose_files_are_lost_or_damaged_is_restored(start, tmp_path):
    async with start() as service:
        await service.opened()
        await service.write("shop", 1, TEXTS)
        before = await hits(service)
        await service.back_up("monday", shop=1)
    for file in (tmp_path / "qdrant").rglob("edge_config.json"):
        file.write_text("nonsense")
    async with start() as service:

        async def failed():
            return (await service.index())["state"] == "failed"

        await eventually(failed)
        await service.begin("restored", "shop", backup="monday")
        nothing = await service.write("shop", 1, {"n.py": "new"})
        assert nothing["inserted"] == 0, "it is indexed from its source before it is searched"
        reply = await service.client.get(
            "/api/v1/repositories/shop", params={"organisation_id": "org", "generation": 1}
        )
        assert reply.status_code == 503
        assert (await restore(service, "monday"))["state"] == "open"
        assert await hits(service) == before


async def test_a_backup_is_consistent_while_the_index_is_written_to(service):
    await service.write("shop", 2, {f"{n}.py": f"file number {n}" for n in range(300)})
    await service.back_up("monday", shop=1)
    await service.write("shop", 2, {"0.py": "changed after the backup"})
    await restore(service, "monday")
    assert len(await hits(service)) == 3
    assert await service.count("shop", 2) == 303
    assert {text for _, _, text, _, _ in await hits(service, "file number 0", 2)} >= {"file number 0"}


async def test_backups_are_listed_and_deleted(service, tmp_path):
    first = await service.back_up("monday", shop=1)
    again = await service.back_up("monday", shop=1)
    assert first == again
    await service.back_up("tuesday", shop=1)
    listed = (await service.call("GET", "/backups"))["items"]
    assert [item["id"] for item in listed] == ["tuesday", "monday"]
    assert 0 < listed[0]["byte_count"] < 64 * 2**20, "holes of the engine's files must not be filled"
    await service.call("DELETE", "/backups/monday")
    assert [item["id"] for item in (await service.call("GET", "/backups"))["items"]] == ["tuesday"]
    for method in ("GET", "DELETE"):
        assert (await service.call(method, "/backups/monday", status=404))["error"] == "backup_not_found"
    assert (await service.begin("x", backup="monday", status=404))["error"] == "backup_not_found"
    (tmp_path / "backups" / "broken").mkdir()
    assert not (await service.call("GET", "/backups"))["items"][0]["is_complete"]


def flip_a_byte(backup):
    file = max(
        (path for path in (backup / "points").rglob("*") if path.is_file()), key=lambda path: path.stat().st_size
    )
    content = bytearray(file.read_bytes())
    content[len(content) // 3] ^= 1
    file.write_bytes(content)


def lose_a_file(backup):
    next(path for path in (backup / "points").rglob("*.json") if path.is_file()).unlink()


def add_a_file(backup):
    (backup / "points" / "stray").write_text("x")


def cut_the_manifest(backup):
    manifest = backup / "manifest.json"
    manifest.write_text(manifest.read_text()[:100])


def claim(**values):
    def damage(backup):
        manifest = backup / "manifest.json"
        manifest.write_text(json.dumps({**json.loads(manifest.read_text()), **values}))

    return damage


MODELS = [{"id": "static", "fingerprint": "x", "dimensions": 8}, {"id": "big", "fingerprint": "y", "dimensions": 16}]


@pytest.mark.parametrize(
    ("damage", "code"),
    [
        (flip_a_byte, "backup_refused"),
        (lose_a_file, "backup_refused"),
        (add_a_file, "backup_refused"),
        (cut_the_manifest, "backup_refused"),
        (lambda backup: shutil.rmtree(backup / "points"), "backup_refused"),
        (claim(models=MODELS), "backup_of_other_models"),
        (claim(format=1), "backup_of_other_format"),
        (claim(engine="server"), "backup_of_other_engine"),
    ],
)
async def test_a_damaged_or_foreign_backup_is_refused_and_the_index_stays(service, tmp_path, damage, code):
    before, index = await hits(service), await service.index()
    await service.back_up("monday", shop=1)
    damage(tmp_path / "backups" / "monday")
    refused = await service.begin("restored", "shop", backup="monday", status=422)
    assert refused["error"] == code
    assert await service.index() == index
    assert await hits(service) == before


async def test_a_backup_of_older_terms_is_encoded_anew(service, tmp_path):
    before = await hits(service)
    await service.back_up("monday", shop=1)
    claim(terms_version=1)(tmp_path / "backups" / "monday")
    await restore(service, "monday")
    assert await hits(service) == before


async def test_a_backup_without_room_is_refused_and_leaves_nothing(service, tmp_path, monkeypatch):
    before = await hits(service)
    usage = shutil.disk_usage(tmp_path)._replace(free=disk.LEAST_FREE_BYTES + 1)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    body = {"id": "monday", "repositories": []}
    refused = await service.call("POST", "/backups", json=body, status=503)
    assert refused["error"] == "disk_full"
    assert list((tmp_path / "backups").iterdir()) == []
    assert await hits(service) == before


async def test_what_a_killed_service_left_is_no_backup(service, tmp_path):
    leftover = tmp_path / "backups" / "monday.partial"
    (leftover / "points").mkdir(parents=True)
    assert (await service.call("GET", "/backups"))["items"] == []
    await service.back_up("monday", shop=1)
    assert [place.name for place in (tmp_path / "backups").iterdir()] == ["monday"]

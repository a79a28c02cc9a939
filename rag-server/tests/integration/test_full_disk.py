"""A disk that becomes full: writes are refused with the reason while the index stays whole, and work again when there is room."""

import asyncio
import os
import shutil
import subprocess

import pytest

from codemuse.testing import eventually
from rag_server.core import edge_engine
from rag_server.core.disk import LEAST_FREE_BYTES
from rag_server.core.edge_shard import ShardFiles
from rag_server.core.edge_store import open_edge_store
from rag_server.core.points import Point, RepositoryKey, StoredChunk
from rag_server.core.sparse import encode_chunk
from rag_server.core.store import CollectionShape

MEBIBYTE = 2**20
ROOM = LEAST_FREE_BYTES + 160 * MEBIBYTE


@pytest.fixture
def small_disk(request, tmp_path):
    """A file system of its own, as far as this user may mount one; of ``ROOM`` bytes unless another size is given."""
    place = tmp_path / "disk"
    place.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={getattr(request, 'param', ROOM)}", "tmpfs", str(place)]
    if os.geteuid() != 0 or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("a file system cannot be mounted here")
    yield place
    subprocess.run(["umount", "--lazy", str(place)], check=True)


def fill(place, *, leave=LEAST_FREE_BYTES - MEBIBYTE):
    """Leave less than the engine wants to see free."""
    size = shutil.disk_usage(place).free - leave
    with (place / "ballast").open("wb") as ballast:
        for _ in range(size // MEBIBYTE + 1):
            ballast.write(b"\1" * MEBIBYTE)


async def test_a_full_disk_refuses_writes_and_nothing_else(start, small_disk, monkeypatch):
    monkeypatch.setenv("DATA", str(small_disk))
    texts = {f"{n}.py": f"number {n} of many" for n in range(50)}
    async with start() as service:
        await service.opened()
        await service.write("shop", 1, texts)
        await asyncio.to_thread(fill, small_disk)
        refused = await service.write("shop", 1, {"late.py": "there is no room"}, status=503)
        assert refused["error"] == "disk_full"
        assert "make room" in refused["message"]
        backup = await service.call("POST", "/backups", json={"id": "b", "repositories": []}, status=503)
        assert backup["error"] == "disk_full"
        assert await service.count("shop") == 50
        assert await service.find("shop", "number 7")
        await service.write("shop", 1, {"0.py": None})
        (small_disk / "ballast").unlink()
        await service.write("shop", 1, {"late.py": "there is room"})
    async with start() as service:
        await service.opened()
        assert await service.count("shop") == 50
        assert [hit["path"] for hit in await service.find("shop", "room", mode="keyword")] == ["late.py"]


@pytest.mark.parametrize("small_disk", [2 * ROOM], indirect=True)
async def test_a_compaction_waits_until_there_is_room_for_its_copies(small_disk, make_chunk, monkeypatch):
    monkeypatch.setattr(edge_engine, "QUIET_SECONDS", 0.1)
    monkeypatch.setattr(edge_engine, "RETRY_SECONDS", 0.1)
    monkeypatch.setattr(edge_engine, "WORTHWHILE_POINTS", 100)
    key = RepositoryKey("org", "shop")
    chunks = [make_chunk(path=f"{n}.py", text=f"number {n}") for n in range(200)]
    stored = [(chunk, StoredChunk.of(chunk, key, generation=1, commit="c")) for chunk in chunks]
    shape = CollectionShape(fast_dimensions=4, dense_dimensions=4)
    collection = small_disk / "chunks"
    async with open_edge_store(small_disk, "chunks", shape) as store:
        await asyncio.to_thread(fill, small_disk, leave=LEAST_FREE_BYTES + MEBIBYTE)
        await store.upsert([Point(one, encode_chunk(chunk), [1.0] * 4) for chunk, one in stored])
        await asyncio.sleep(1)
        assert [place.name for place in collection.iterdir() if place.is_dir()] == ["1"]
        (small_disk / "ballast").unlink()
        await eventually(lambda: ShardFiles(collection).find_current().name == "2", seconds=60)
        assert await store.list_owners() == {key: 200}


async def test_a_disk_that_fills_up_while_it_is_written_to_loses_nothing(start, small_disk, monkeypatch):
    monkeypatch.setenv("DATA", str(small_disk))
    accepted = 0
    text = " ".join(f"word{n}" for n in range(1_500))
    async with start() as service:
        await service.opened()
        for batch in range(400):
            files = {f"{batch}-{n}.py": f"{text} {batch} {n}" for n in range(60)}
            reply = await service.write("shop", 1, files, status=None)
            if "error" in reply:
                assert reply["error"] == "disk_full"
                break
            accepted += len(files)
        else:
            pytest.fail("the disk did not become full")
        assert accepted > 0
        assert await service.count("shop") == accepted
    async with start() as service:
        await service.opened()
        assert await service.count("shop") == accepted

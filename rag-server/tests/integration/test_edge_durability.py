"""The embedded engine keeps what it accepted, and lets one process in."""

import asyncio
import subprocess
import sys
import textwrap

import pytest

from rag_server.core.edge_store import open_edge_store
from rag_server.core.errors import StoreInUse
from rag_server.core.points import RepositoryKey, Snapshot
from rag_server.core.sparse import encode_query
from rag_server.core.store import CollectionShape, Probe, VectorName

SHAPE = CollectionShape(fast_dimensions=4, dense_dimensions=4)
KEY = RepositoryKey("org", "repo")

WRITER = """
    import asyncio, os, signal, sys
    from pathlib import Path
    from codemuse.contracts.chunks import Chunk
    from rag_server.core.edge_store import open_edge_store
    from rag_server.core.points import Point, RepositoryKey, StoredChunk
    from rag_server.core.sparse import encode_chunk
    from rag_server.core.store import CollectionShape

    async def main():
        async with open_edge_store(Path(sys.argv[1]), "chunks", CollectionShape(fast_dimensions=4, dense_dimensions=4)) as store:
            for n in range(300):
                chunk = Chunk(path=f"{n}.py", start_line=1, end_line=1, language="python", kind="module", text=f"x = {n}")
                stored = StoredChunk.of(chunk, RepositoryKey("org", "repo"), generation=1, commit="c")
                await store.upsert([Point(stored, encode_chunk(chunk), [1.0, 0.0, 0.0, 0.0])])
            os.kill(os.getpid(), signal.SIGKILL)

    asyncio.run(main())
"""


async def test_everything_accepted_survives_a_kill(tmp_path):
    command = [sys.executable, "-c", textwrap.dedent(WRITER), str(tmp_path)]
    killed = await asyncio.to_thread(subprocess.run, command, check=False)
    assert killed.returncode == -9
    async with open_edge_store(tmp_path, "chunks", SHAPE) as store:
        assert await store.count(Snapshot(KEY, 1)) == 300


async def test_terms_that_were_not_counted_before_a_kill_are_counted_after_it(tmp_path):
    async with open_edge_store(tmp_path, "chunks", SHAPE):
        pass  # which keeps the counts of nothing
    await asyncio.to_thread(subprocess.run, [sys.executable, "-c", textwrap.dedent(WRITER), str(tmp_path)], check=False)
    question = Probe(VectorName.CODE, encode_query("x 17"))
    async with open_edge_store(tmp_path, "chunks", SHAPE) as store:
        after_kill = await store.search([Snapshot(KEY, 1)], [question], limit=3)
    async with open_edge_store(tmp_path, "chunks", SHAPE) as store:
        assert await store.search([Snapshot(KEY, 1)], [question], limit=3) == after_kill
    (tmp_path / "chunks" / "terms.npz").unlink()
    async with open_edge_store(tmp_path, "chunks", SHAPE) as store:
        assert await store.search([Snapshot(KEY, 1)], [question], limit=3) == after_kill
    assert after_kill[0][0].score > 3  # rare among 300, and not among none


async def test_a_second_process_is_told_who_holds_the_index(tmp_path):
    async with open_edge_store(tmp_path, "chunks", SHAPE):
        with pytest.raises(StoreInUse, match="QDRANT_URL"):
            async with open_edge_store(tmp_path, "chunks", SHAPE):
                pass


async def test_a_half_made_collection_is_made_anew(tmp_path):
    (tmp_path / ".chunks.building" / "segments").mkdir(parents=True)
    async with open_edge_store(tmp_path, "chunks", SHAPE) as store:
        assert await store.count(Snapshot(KEY, 1)) == 0

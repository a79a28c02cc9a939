"""Builds an index of a given size, as rag-server would hold it."""

import asyncio
import subprocess
import sys
import time
from pathlib import Path

from benchmarks.synthetic import Corpus, iter_points
from rag_server.core.catalogue import collection_name
from rag_server.core.edge_compact import INT8
from rag_server.core.edge_shard import ShardFiles
from rag_server.core.edge_store import open_edge_store
from rag_server.core.embedder import IndexModels
from rag_server.core.reencoding import TermsMark
from rag_server.core.store import CollectionShape


def build(folder: Path, chunks: int, models: IndexModels, static: Path) -> None:
    """Fill an empty index and compact it.

    Args:
        folder: Becomes the ``qdrant`` folder of an installation.
        chunks: How many.
        models: What the installation embeds with.
        static: Folder of its static model.
    """
    began = time.perf_counter()
    asyncio.run(_write(folder, chunks, models, static))
    written = time.perf_counter()
    current = ShardFiles(folder / collection_name(models)).find_current()
    command = [sys.executable, "-m", "rag_server.core.edge_compact", str(current), INT8]
    subprocess.run(command, check=True)
    TermsMark(folder, collection_name(models)).set()
    (folder / "models.json").write_text(models.model_dump_json(), encoding="utf-8")
    print(
        f"{chunks:,} chunks written in {written - began:.0f} s, compacted in {time.perf_counter() - written:.0f} s",
        flush=True,
    )


async def _write(folder: Path, chunks: int, models: IndexModels, static: Path) -> None:
    shape = CollectionShape(
        fast_dimensions=models.fast.dimensions, dense_dimensions=models.dense.dimensions, quantised=True
    )
    async with open_edge_store(folder, collection_name(models), shape) as store:
        for points in iter_points(Corpus.read(), chunks, static, models.dense.dimensions):
            await store.upsert(points)

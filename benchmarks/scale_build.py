"""Builds an index of a given size, as rag-server would hold it: ``python -m benchmarks.scale_build FOLDER CHUNKS [--int8]``."""

import subprocess
import sys
import time
from pathlib import Path

from benchmarks.synthetic import Corpus, iter_points
from rag_server.core.edge_compact import INT8
from rag_server.core.edge_shard import ShardFiles
from rag_server.core.edge_store import open_edge_store
from rag_server.core.embedder import IndexModels
from rag_server.core.index import collection_name
from rag_server.core.store import CollectionShape


async def build(folder: Path, chunks: int, models: IndexModels, static: Path, *, quantised: bool) -> dict[str, float]:
    """Fill an empty index and compact it; seconds that both took.

    Args:
        folder: Becomes the ``qdrant`` folder of an installation.
        chunks: How many.
        models: What the installation embeds with.
        static: Folder of its static model.
        quantised: Whether vectors are kept as int8 too.
    """
    shape = CollectionShape(
        fast_dimensions=models.fast.dimensions, dense_dimensions=models.dense.dimensions, quantised=quantised
    )
    collection = collection_name(models)
    began = time.perf_counter()
    async with open_edge_store(folder, collection, shape) as store:
        for points in iter_points(Corpus.read(), chunks, static, models.dense.dimensions):
            await store.upsert(points)
    written = time.perf_counter() - began
    current = ShardFiles(folder / collection).find_current()
    command = [sys.executable, "-m", "rag_server.core.edge_compact", str(current), *([INT8] if quantised else [])]
    began = time.perf_counter()
    subprocess.run(command, check=True)
    (folder / "models.json").write_text(models.model_dump_json(), encoding="utf-8")
    return {"written": written, "compacted": time.perf_counter() - began}

"""The files of an embedded index: which folder is the current one, and how its shard is made and opened.

A collection's folder holds numbered builds and a file that names the current one. A build is replaced as a whole, by
renaming that file, so that a process that dies at any moment leaves either the old build or the new one.
"""

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import qdrant_edge as edge

from rag_server.core.disk import iter_data, replace_durably, sync_folder
from rag_server.core.store import INTEGER_FIELDS, KEYWORD_FIELDS, CollectionShape, VectorName

NO_GRAPH_KILOBYTES = 2**31
"""The engine builds a graph inside one call that stops every other thread: not in the process that answers."""
DELETED_SHARE = 0.05
"""Of a segment's points; a compaction drops them where they are more."""
GRAPH_KILOBYTES = 4_000
"""Vectors of a segment from where on a graph is faster than comparing all: some 2,600 chunks."""


@dataclass(frozen=True, slots=True)
class ShardFiles:
    """The builds of one collection."""

    folder: Path

    def find_current(self) -> Path | None:
        """The build in use, if there is one."""
        try:
            return self.folder / self._pointer.read_text(encoding="utf-8").strip()
        except FileNotFoundError:
            return None

    def start_build(self) -> Path:
        """The folder of the next build, not made yet; what earlier attempts left behind is removed."""
        current = self.find_current()
        self.folder.mkdir(parents=True, exist_ok=True)
        for place in self.folder.iterdir():
            if place.is_dir() and place != current:
                shutil.rmtree(place, ignore_errors=True)
        return self.folder / str(int(current.name) + 1 if current else 1)

    def copy(self, build: Path, copy: Path) -> None:
        """Copy a build that nobody writes to. The log goes first: applying it again to what is newer changes nothing."""
        order = ("wal", "segments")
        shutil.copytree(
            build, copy, copy_function=_copy_file, ignore=lambda folder, _: order if Path(folder) == build else ()
        )
        for name in order:
            shutil.copytree(build / name, copy / name, copy_function=_copy_file)

    def publish(self, build: Path) -> None:
        """Make a build the current one; what it holds must be on the disk already (``sync_folder``)."""
        replace_durably(self._pointer, build.name)

    @property
    def _pointer(self) -> Path:
        return self.folder / "current"


def _copy_file(source: str, target: str) -> None:
    """Copy the data of a file and leave out its holes."""
    with Path(target).open("wb") as written:
        for place, piece in iter_data(Path(source)):
            written.seek(place)
            written.write(piece)
        written.truncate(Path(source).stat().st_size)


def ensure_build(files: ShardFiles, shape: CollectionShape) -> Path:
    """The current build; where there is none, an empty one is made."""
    if current := files.find_current():
        return current
    build = files.start_build()
    create_shard(build, shape).close()
    sync_folder(build)
    files.publish(build)
    return build


def load_shard(build: Path) -> edge.EdgeShard:
    """Open a build as it is."""
    return _load(build, edge.EdgeOptimizersConfig(indexing_threshold=NO_GRAPH_KILOBYTES))


def is_quantised(build: Path) -> bool:
    """Whether its last compaction made small copies of the vectors; they are too few for that where there are no graphs."""
    return any(build.glob("segments/*/vector_storage-*/quantized*"))


def load_shard_to_compact(build: Path, *, quantised: bool) -> edge.EdgeShard:
    """Open a build so that optimising it drops what is deleted, and makes graphs and small copies of the vectors."""
    optimizers = edge.EdgeOptimizersConfig(indexing_threshold=GRAPH_KILOBYTES, deleted_threshold=DELETED_SHARE)
    int8 = edge.ScalarQuantizationConfig(edge.ScalarType.Int8, quantile=0.99, memory=edge.Memory.Pinned)
    shard = _load(build, optimizers, quantization_config=int8 if quantised else None)
    _index_fields(shard)  # as earlier releases did not
    return shard


def _load(build: Path, optimizers: edge.EdgeOptimizersConfig, **config: Any) -> edge.EdgeShard:
    # The dense vectors' sizes are taken over from the build as long as other vectors are named.
    return edge.EdgeShard.load(str(build), edge.EdgeConfig(sparse_vectors=_words(), optimizers=optimizers, **config))


def _words() -> dict[str, edge.EdgeSparseVectorParams]:
    return {VectorName.CODE.value: edge.EdgeSparseVectorParams(memory=edge.Memory.Cached)}


def create_shard(build: Path, shape: CollectionShape) -> edge.EdgeShard:
    """An empty shard with the fields that conditions name.

    Of quantised vectors only the small copies are held in memory; whole ones are read from the disk to compare the best again.
    """
    build.mkdir(parents=True)
    memory = edge.Memory.Cold if shape.quantised else edge.Memory.Cached
    vectors = {
        name.value: edge.EdgeVectorParams(size=size, distance=edge.Distance.Cosine, memory=memory)
        for name, size in ((VectorName.FAST, shape.fast_dimensions), (VectorName.DENSE, shape.dense_dimensions))
    }
    config = edge.EdgeConfig(
        vectors=vectors,
        sparse_vectors=_words(),
        optimizers=edge.EdgeOptimizersConfig(indexing_threshold=NO_GRAPH_KILOBYTES),
    )
    shard = edge.EdgeShard.create(str(build), config)
    _index_fields(shard)
    return shard


def _index_fields(shard: edge.EdgeShard) -> None:
    """Have the fields looked up that conditions name: by files that the system keeps in memory as long as there is room."""
    keyword = edge.KeywordIndexParams(memory=edge.Memory.Cached)
    integer = edge.IntegerIndexParams(lookup=True, range=True, memory=edge.Memory.Cached)
    for name in KEYWORD_FIELDS:
        shard.update(edge.UpdateOperation.create_field_index(name, keyword))
    for name in INTEGER_FIELDS:
        shard.update(edge.UpdateOperation.create_field_index(name, integer))

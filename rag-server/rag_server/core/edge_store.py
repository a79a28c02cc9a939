"""The index inside this process: Qdrant's embedded engine. One replica; a lock file keeps a second one out."""

import asyncio
import shutil
import uuid
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

import qdrant_edge as edge
from filelock import FileLock, Timeout

from rag_server.core.edge_filters import matching, narrowed, owned_by, owned_by_any, owned_points, visible_to
from rag_server.core.edge_visibility import Visibility
from rag_server.core.errors import StoreInUse
from rag_server.core.points import Point, RepositoryKey, Snapshot, StoredChunk
from rag_server.core.recent import RecentChunks
from rag_server.core.sparse import SparseVector
from rag_server.core.store import (
    EVERYTHING,
    INTEGER_FIELDS,
    KEYWORD_FIELDS,
    Probe,
    Scored,
    StoredVectors,
    VectorName,
    Where,
)

T = TypeVar("T")

PAGE = 2_000
UPSERT_BATCH = 1_000
REMEMBERED_CHUNKS = 8_192
"""Some 20 MB."""
NO_GRAPH_KILOBYTES = 2**31
"""The engine builds its graph inside one call that stops every other thread, so it compares vectors directly instead."""


class QdrantEdgeStore:
    """Points in an embedded shard."""

    def __init__(self, shard: edge.EdgeShard, threads: ThreadPoolExecutor) -> None:
        self._shard = shard
        self._threads = threads
        self._read = RecentChunks(REMEMBERED_CHUNKS)
        self._visibility = Visibility(shard)

    async def upsert(self, points: Sequence[Point]) -> None:
        """Insert points, or replace those of the same id."""
        for start in range(0, len(points), UPSERT_BATCH):
            batch = [_to_edge(point) for point in points[start : start + UPSERT_BATCH]]
            await self._update(edge.UpdateOperation.upsert_points(batch))

    async def search(
        self, snapshots: Sequence[Snapshot], probes: Sequence[Probe], *, limit: int, narrow: Where = EVERYTHING
    ) -> list[list[Scored]]:
        """Answer each probe with the best visible points."""
        if not snapshots or not probes:
            return [[] for _ in probes]
        corpus = edge.SearchParams(idf=edge.IdfParams(corpus=owned_by_any(snapshots)))

        def query(visible: edge.Filter) -> list[list[edge.ScoredPoint]]:
            requests = [
                edge.QueryRequest(
                    limit=limit,
                    query=edge.Query.Nearest(_vector(probe.vector), using=probe.name.value),
                    filter=visible,
                    params=corpus if probe.name is VectorName.CODE else None,
                )
                for probe in probes
            ]
            return self._shard.query_batch(edge.QueryBatchRequest(requests))

        return await self._run(lambda: self._with_chunks(self._query_visible(snapshots, narrow, query)))

    async def find(self, snapshots: Sequence[Snapshot], chunk_id: str) -> Point | None:
        """A visible point with its vectors."""
        if not snapshots:
            return None
        wanted = edge.Filter(must=[edge.HasIdCondition({chunk_id}), visible_to(snapshots, EVERYTHING)])
        request = edge.ScrollRequest(limit=1, filter=wanted, with_payload=True, with_vector=True)
        records, _ = await self._run(lambda: self._shard.scroll(request))
        return _from_edge(records[0]) if records else None

    async def list_chunks(self, key: RepositoryKey, where: Where, *, limit: int | None = None) -> list[StoredChunk]:
        """Chunks of a repository in any order."""
        condition = owned_by(key, where)
        records = await self._run(lambda: list(self._scroll(condition, payload=True, vectors=False, limit=limit)))
        return [StoredChunk.from_payload(record.id, record.payload or {}) for record in records]

    async def count(self, snapshot: Snapshot, where: Where = EVERYTHING) -> int:
        """How many chunks a reader of the snapshot could find."""
        request = edge.CountRequest(exact=True, filter=visible_to([snapshot], where))
        return await self._run(lambda: self._shard.count(request))

    async def find_vectors(self, organisation_id: str, text_hashes: Sequence[str]) -> dict[str, StoredVectors]:
        """Vectors that the organisation has already, by text hash."""
        if not text_hashes:
            return {}
        condition = matching(Where(equal={"organisation_id": organisation_id}, among={"text_hash": text_hashes}))
        names = [VectorName.FAST.value, VectorName.DENSE.value]
        records = await self._run(
            lambda: list(self._scroll(condition, payload=["text_hash"], vectors=names, limit=None))
        )
        found: dict[str, StoredVectors] = {}
        for record in records:
            text_hash = (record.payload or {})["text_hash"]
            vectors = _vectors(record)
            known = found.get(text_hash, StoredVectors(None, None))
            found[text_hash] = StoredVectors(known.fast or vectors.fast, known.dense or vectors.dense)
        return found

    async def set_dense(self, key: RepositoryKey, vectors: Mapping[str, list[float]]) -> None:
        """Give chunks, by id, their transformer vectors."""
        if not vectors:
            return
        changes = [
            edge.PointVectors(chunk_id, {VectorName.DENSE.value: vector}) for chunk_id, vector in vectors.items()
        ]
        refined = edge.UpdateOperation.set_payload_by_filter(owned_points(key, list(vectors)), {"refined": 1})
        await self._run(lambda: self._shard.update(edge.UpdateOperation.update_vectors(changes)))
        await self._run(lambda: self._shard.update(refined))

    async def set_last_generation(self, key: RepositoryKey, chunk_ids: Sequence[str], generation: int) -> None:
        """Close chunks, or open them again."""
        if chunk_ids:
            payload = {"last_generation": generation}
            await self._update(edge.UpdateOperation.set_payload_by_filter(owned_points(key, chunk_ids), payload))

    async def delete(self, key: RepositoryKey, where: Where = EVERYTHING) -> None:
        """Remove chunks of a repository."""
        await self._update(edge.UpdateOperation.delete_points_by_filter(owned_by(key, where)))

    async def delete_chunks(self, key: RepositoryKey, chunk_ids: Sequence[str]) -> None:
        """Remove chunks by id."""
        if chunk_ids:
            await self._update(edge.UpdateOperation.delete_points_by_filter(owned_points(key, chunk_ids)))

    async def check(self) -> None:
        """Raise when the engine does not answer."""
        await self._run(self._shard.info)

    async def _update(self, operation: edge.UpdateOperation) -> None:
        with self._visibility.changing():
            await self._run(lambda: self._shard.update(operation))

    async def _run(self, call: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, call)

    def _query_visible(self, snapshots: Sequence[Snapshot], narrow: Where, query: Callable[[edge.Filter], T]) -> T:
        """Ask for what readers see. Where nothing is hidden from them it is enough, and twice as fast, to ask by owner."""
        seen = self._visibility.version
        if all(self._visibility.is_complete(snapshot) for snapshot in snapshots):
            found = query(narrowed(owned_by_any(snapshots), narrow))
            if self._visibility.version == seen:
                return found
        return query(visible_to(snapshots, narrow))

    def _with_chunks(self, found: list[list[edge.ScoredPoint]]) -> list[list[Scored]]:
        """Read the chunks after finding them: that costs more, and most of them are found more than once."""
        chunks = self._read.get({str(point.id) for points in found for point in points})
        missing: list[int | uuid.UUID | str] = [point_id for point_id, chunk in chunks.items() if chunk is None]
        if missing:
            records = self._shard.retrieve(missing, with_payload=True, with_vector=False)
            chunks |= self._read.put(StoredChunk.from_payload(record.id, record.payload or {}) for record in records)
        return [
            [Scored(chunk, point.score) for point in points if (chunk := chunks[str(point.id)]) is not None]
            for points in found
        ]

    def _scroll(
        self, condition: edge.Filter, *, payload: bool | list[str], vectors: bool | list[str], limit: int | None
    ) -> Iterator[edge.Record]:
        offset = None
        left = limit
        while left is None or left > 0:
            request = edge.ScrollRequest(
                offset=offset,
                limit=PAGE if left is None else min(PAGE, left),
                filter=condition,
                with_payload=payload,
                with_vector=vectors,
            )
            records, offset = self._shard.scroll(request)
            yield from records
            left = None if left is None else left - len(records)
            if offset is None:
                return


@asynccontextmanager
async def open_edge_store(
    folder: Path, collection: str, *, fast_dimensions: int, dense_dimensions: int
) -> AsyncIterator[QdrantEdgeStore]:
    """Open the embedded index, creating it where there is none.

    Args:
        folder: Where collections lie; one process at a time may use it.
        collection: Name of the collection.
        fast_dimensions: Length of the static vectors.
        dense_dimensions: Length of the transformer's vectors.

    Raises:
        StoreInUse: Another process has the folder open.
    """
    lock = await asyncio.to_thread(_lock, folder)
    threads = ThreadPoolExecutor(2, thread_name_prefix="edge")
    loop = asyncio.get_running_loop()
    try:
        shard = await loop.run_in_executor(threads, _open_shard, folder / collection, fast_dimensions, dense_dimensions)
        try:
            yield QdrantEdgeStore(shard, threads)
        finally:
            await loop.run_in_executor(threads, shard.close)
    finally:
        threads.shutdown()
        lock.release()


def _lock(folder: Path) -> FileLock:
    folder.mkdir(parents=True, exist_ok=True)
    lock = FileLock(folder / "lock", thread_local=False)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise StoreInUse(folder) from None
    return lock


def _open_shard(folder: Path, fast_dimensions: int, dense_dimensions: int) -> edge.EdgeShard:
    if folder.exists():
        shard = edge.EdgeShard.load(str(folder))
        shard.optimize()
        return shard
    building = folder.with_name(f".{folder.name}.building")
    shutil.rmtree(building, ignore_errors=True)
    vectors = {
        VectorName.FAST.value: edge.EdgeVectorParams(size=fast_dimensions, distance=edge.Distance.Cosine),
        VectorName.DENSE.value: edge.EdgeVectorParams(size=dense_dimensions, distance=edge.Distance.Cosine),
    }
    config = edge.EdgeConfig(
        vectors=vectors,
        sparse_vectors={VectorName.CODE.value: edge.EdgeSparseVectorParams(modifier=edge.Modifier.Idf)},
        optimizers=edge.EdgeOptimizersConfig(indexing_threshold=NO_GRAPH_KILOBYTES),
    )
    shard = edge.EdgeShard.create(str(building), config)
    for name in KEYWORD_FIELDS:
        shard.update(edge.UpdateOperation.create_field_index(name, edge.PayloadSchemaType.Keyword))
    for name in INTEGER_FIELDS:
        shard.update(edge.UpdateOperation.create_field_index(name, edge.PayloadSchemaType.Integer))
    shard.close()
    building.rename(folder)
    return edge.EdgeShard.load(str(folder))


def _to_edge(point: Point) -> edge.Point:
    vectors: dict[str, Any] = {VectorName.CODE.value: _vector(point.code), VectorName.FAST.value: point.fast}
    if point.dense is not None:
        vectors[VectorName.DENSE.value] = point.dense
    payload = point.chunk.payload() | {"refined": int(point.dense is not None)}
    return edge.Point(point.chunk.id, vectors, payload)


def _from_edge(record: edge.Record) -> Point:
    raw: Any = record.vector
    code = raw[VectorName.CODE.value]
    vectors = _vectors(record)
    return Point(
        StoredChunk.from_payload(record.id, record.payload or {}),
        SparseVector(list(code.indices), list(code.values)),
        vectors.fast or [],
        vectors.dense,
    )


def _vectors(record: edge.Record) -> StoredVectors:
    raw: Any = record.vector or {}
    return StoredVectors(raw.get(VectorName.FAST.value), raw.get(VectorName.DENSE.value))


def _vector(vector: SparseVector | list[float]) -> edge.SparseVector | list[float]:
    return edge.SparseVector(vector.indices, vector.values) if isinstance(vector, SparseVector) else vector

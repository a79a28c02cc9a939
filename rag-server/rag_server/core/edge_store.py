"""The index inside this process: Qdrant's embedded engine. One replica; a lock file keeps a second one out."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

import qdrant_edge as edge
from filelock import FileLock, Timeout

from codemuse.logging import get_logger
from rag_server.core.edge_engine import Change, EdgeEngine, open_engine
from rag_server.core.edge_filters import matching, owned_by, owned_points, visible_to
from rag_server.core.edge_scroll import iter_terms_of, load_terms, scroll
from rag_server.core.edge_shard import ShardFiles, ensure_build
from rag_server.core.errors import StoreInUse
from rag_server.core.points import Point, RepositoryKey, Snapshot, StoredChunk
from rag_server.core.recent import RecentChunks
from rag_server.core.sparse import SparseVector
from rag_server.core.store import (
    EVERYTHING,
    OVERSAMPLING,
    CollectionShape,
    Probe,
    Scored,
    StoredVectors,
    VectorName,
    Where,
)
from rag_server.core.term_file import TermFile

_log = get_logger(__name__)

COMPARED_AGAIN = edge.SearchParams(quantization=edge.QuantizationSearchParams(rescore=True, oversampling=OVERSAMPLING))
UPSERT_BATCH = 250
"""Points that the engine takes at once: no search is answered meanwhile."""
MOST_OWNERS = 1_000_000
REMEMBERED_CHUNKS = 8_192
"""Some 20 MB."""
KEEP_SECONDS = 60.0
"""Between two times that the term statistics are written, if they have changed."""


class QdrantEdgeStore:
    """Points in an embedded shard."""

    def __init__(self, engine: EdgeEngine, terms: TermFile) -> None:
        self._engine = engine
        self._terms = terms
        self._statistics = load_terms(engine.view.shard, terms)
        self._are_terms_kept = False
        self._recent = RecentChunks(REMEMBERED_CHUNKS)

    async def upsert(self, points: Sequence[Point]) -> None:
        """Insert points, or replace those of the same id."""
        for start in range(0, len(points), UPSERT_BATCH):
            batch = points[start : start + UPSERT_BATCH]
            operation = edge.UpdateOperation.upsert_points([_to_edge(point) for point in batch])
            account = partial(
                self._account, edge.Filter(must=[edge.HasIdCondition({p.chunk.id for p in batch})]), batch
            )
            await self._engine.write(Change([operation], len(batch), adds=True, grows=True, account=account))

    async def search(
        self, snapshots: Sequence[Snapshot], probes: Sequence[Probe], *, limit: int, narrow: Where = EVERYTHING
    ) -> list[list[Scored]]:
        """Answer each probe with the best visible points."""
        if not snapshots or not probes:
            return [[] for _ in probes]
        owners = {snapshot.key.owner for snapshot in snapshots}
        vectors = [self._weighted(probe, owners) for probe in probes]
        # The engine keeps the interpreter's lock while it searches: a thread would add its hand-overs and spare nothing.
        # And no write begins or ends between the look at what is visible and the search.
        view = self._engine.view
        visible = view.visibility.sufficient_filter(snapshots, narrow)
        requests = [
            edge.QueryRequest(
                limit=limit,
                query=edge.Query.Nearest(vector, using=probe.name.value),
                filter=visible,
                params=COMPARED_AGAIN if self._engine.quantised else None,
            )
            for probe, vector in zip(probes, vectors, strict=True)
        ]
        found = view.shard.query_batch(edge.QueryBatchRequest(requests))
        return [[Scored(str(point.id), point.score) for point in points] for points in found]

    async def read_chunks(self, snapshots: Sequence[Snapshot], chunk_ids: Sequence[str]) -> dict[str, StoredChunk]:
        """Chunks, by id, that a search of these snapshots found; without those that were deleted meanwhile."""
        chunks = {chunk_id: chunk for chunk_id in chunk_ids if (chunk := self._recent.get(chunk_id))}
        if missing := [chunk_id for chunk_id in chunk_ids if chunk_id not in chunks]:
            records = self._engine.view.shard.retrieve(list(missing), with_payload=True, with_vector=False)
            read = {str(record.id): StoredChunk.from_payload(record.id, record.payload or {}) for record in records}
            self._recent.remember(read)
            chunks |= read
        keys = {snapshot.key for snapshot in snapshots}
        return {chunk_id: chunk for chunk_id, chunk in chunks.items() if chunk.key in keys}

    async def find(self, snapshots: Sequence[Snapshot], chunk_id: str) -> Point | None:
        """A visible point with its vectors."""
        if not snapshots:
            return None
        wanted = edge.Filter(must=[edge.HasIdCondition({chunk_id}), visible_to(snapshots, EVERYTHING)])
        request = edge.ScrollRequest(limit=1, filter=wanted, with_payload=True, with_vector=True)
        records, _ = await self._engine.read(lambda view: view.shard.scroll(request))
        return _from_edge(records[0]) if records else None

    async def list_chunks(self, key: RepositoryKey, where: Where, *, limit: int | None = None) -> list[StoredChunk]:
        """Chunks of a repository in any order."""
        condition = owned_by(key, where)
        records = await self._engine.read(
            lambda view: list(scroll(view.shard, condition, payload=True, vectors=False, limit=limit))
        )
        return [StoredChunk.from_payload(record.id, record.payload or {}) for record in records]

    async def list_paths(self, keys: Sequence[RepositoryKey], *, limit: int) -> list[str]:
        """Paths that chunks of these repositories have in any generation."""
        owned = matching(Where(among={"owner": sorted({key.owner for key in keys})}))
        request = edge.FacetRequest("path", limit=limit, exact=True, filter=owned)
        response = await self._engine.read(lambda view: view.shard.facet(request))
        return [str(hit.value) for hit in response.hits]

    async def count(self, snapshot: Snapshot, where: Where = EVERYTHING) -> int:
        """How many chunks a reader of the snapshot could find."""
        request = edge.CountRequest(exact=True, filter=visible_to([snapshot], where))
        return await self._engine.read(lambda view: view.shard.count(request))

    async def find_vectors(self, organisation_id: str, text_hashes: Sequence[str]) -> dict[str, StoredVectors]:
        """Vectors that the organisation has already, by text hash."""
        if not text_hashes:
            return {}
        condition = matching(Where(equal={"organisation_id": organisation_id}, among={"text_hash": text_hashes}))
        names = [VectorName.FAST.value, VectorName.DENSE.value]
        records = await self._engine.read(
            lambda view: list(scroll(view.shard, condition, payload=["text_hash"], vectors=names))
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
        await self._engine.write(
            Change([edge.UpdateOperation.update_vectors(changes), refined], len(vectors), grows=True)
        )

    async def set_last_generation(self, key: RepositoryKey, chunk_ids: Sequence[str], generation: int) -> None:
        """Close chunks, or open them again."""
        if chunk_ids:
            closed = edge.UpdateOperation.set_payload_by_filter(
                owned_points(key, chunk_ids), {"last_generation": generation}
            )
            await self._engine.write(Change([closed], len(chunk_ids)))

    async def delete(self, key: RepositoryKey, where: Where = EVERYTHING) -> None:
        """Remove chunks of a repository."""
        await self._delete(owned_by(key, where))

    async def delete_chunks(self, key: RepositoryKey, chunk_ids: Sequence[str]) -> None:
        """Remove chunks by id."""
        if chunk_ids:
            await self._delete(owned_points(key, chunk_ids))

    async def list_points(self, after: str | None, *, limit: int) -> tuple[list[Point], str | None]:
        """A page of all points of all organisations, and where the next one begins."""
        request = edge.ScrollRequest(offset=after, limit=limit, with_payload=True, with_vector=True)
        records, following = await self._engine.read(lambda view: view.shard.scroll(request))
        return [_from_edge(record) for record in records], None if following is None else str(following)

    async def list_owners(self) -> dict[RepositoryKey, int]:
        """Every repository that has chunks in any generation, and how many."""
        request = edge.FacetRequest("owner", limit=MOST_OWNERS, exact=True)
        response = await self._engine.read(lambda view: view.shard.facet(request))
        return {RepositoryKey.of_owner(str(hit.value)): hit.count for hit in response.hits if hit.count}

    async def save_copy(self, folder: Path) -> None:
        """Write everything into a folder that is not there yet."""
        await self._engine.copy_to(folder)

    async def check(self) -> None:
        """Raise when the engine does not answer."""
        await self._engine.read(lambda view: view.shard.info())

    async def keep_terms(self) -> None:
        """Write down in how many chunks each term occurs, for the next start."""
        if self._are_terms_kept:
            return
        async with self._engine.unchanging():
            try:
                await asyncio.to_thread(self._terms.save, self._statistics.tables)
                self._are_terms_kept = True
            except OSError as error:
                _log.warning("term statistics cannot be kept; they will be counted anew", reason=str(error))

    async def keep_terms_until(self, closing: asyncio.Event) -> None:
        """The same now and then."""
        while not closing.is_set():
            await self.keep_terms()
            with suppress(TimeoutError):
                await asyncio.wait_for(closing.wait(), KEEP_SECONDS)

    async def _delete(self, condition: edge.Filter) -> None:
        request = edge.CountRequest(exact=True, filter=condition)
        count = await self._engine.read(lambda view: view.shard.count(request))
        operation = edge.UpdateOperation.delete_points_by_filter(condition)
        await self._engine.write(Change([operation], count, account=partial(self._account, condition, ())))

    def _account(self, replaced: edge.Filter, points: Sequence[Point], shard: edge.EdgeShard) -> Callable[[], None]:
        """What to change in the statistics when points have taken the place of those that meet a condition."""
        removed = list(iter_terms_of(shard, replaced))
        self._terms.note({*(owner for owner, _ in removed), *(point.chunk.key.owner for point in points)})

        def count() -> None:
            self._are_terms_kept = False
            for owner, terms in removed:
                self._statistics.remove(owner, [terms])
            for point in points:
                self._statistics.add(point.chunk.key.owner, [point.code.indices])

        return count

    def _weighted(self, probe: Probe, owners: Iterable[str]) -> edge.SparseVector | list[float]:
        if isinstance(probe.vector, SparseVector):
            return _vector(self._statistics.weighted(probe.vector, owners))
        return probe.vector


@asynccontextmanager
async def open_edge_store(folder: Path, collection: str, shape: CollectionShape) -> AsyncIterator[QdrantEdgeStore]:
    """Open the embedded index, creating it where there is none.

    Args:
        folder: Where collections lie; one process at a time may use it.
        collection: Name of the collection.
        shape: What it holds; the vectors' sizes count only when it is created.

    Raises:
        StoreInUse: Another process has the folder open.
    """
    async with hold_folder(folder), open_edge_collection(folder / collection, shape) as store:
        yield store


@asynccontextmanager
async def open_edge_collection(folder: Path, shape: CollectionShape) -> AsyncIterator[QdrantEdgeStore]:
    """Open one collection of a folder that is held already, creating it where there is none."""
    threads = ThreadPoolExecutor(2, thread_name_prefix="edge")
    files = ShardFiles(folder)
    try:
        build = await asyncio.to_thread(ensure_build, files, shape)
        async with open_engine(files, build, threads, quantised=shape.quantised) as engine:
            store = await asyncio.to_thread(QdrantEdgeStore, engine, TermFile(folder))
            closing = asyncio.Event()
            keeping = asyncio.create_task(store.keep_terms_until(closing), name="keep-terms")
            try:
                yield store
            finally:
                closing.set()
                await keeping
                await store.keep_terms()
    finally:
        threads.shutdown()


@asynccontextmanager
async def hold_folder(folder: Path) -> AsyncIterator[None]:
    """Keep other processes out of a folder of collections.

    Raises:
        StoreInUse: Another process has it open.
    """
    await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
    lock = FileLock(folder / "lock", thread_local=False)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise StoreInUse(folder) from None
    try:
        yield
    finally:
        lock.release()


def _to_edge(point: Point) -> edge.Point:
    vectors: dict[str, Any] = {VectorName.CODE.value: _vector(point.code)}
    if point.fast:
        vectors[VectorName.FAST.value] = point.fast
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

"""The index in a Qdrant server, one or a cluster: the way to scale out."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qdrant_client import AsyncQdrantClient, models

from codemuse.errors import Unavailable
from rag_server.core.points import Point, RepositoryKey, Snapshot, StoredChunk
from rag_server.core.server_snapshots import ServerSnapshots
from rag_server.core.sparse import SparseVector
from rag_server.core.store import (
    EVERYTHING,
    INTEGER_FIELDS,
    KEYWORD_FIELDS,
    OVERSAMPLING,
    CollectionShape,
    Probe,
    Scored,
    StoredVectors,
    VectorName,
    Where,
)

PAGE = 2_000
UPSERT_BATCH = 500
MOST_OWNERS = 1_000_000
_COMPARED_AGAIN = models.QuantizationSearchParams(rescore=True, oversampling=OVERSAMPLING)


class QdrantServerStore:
    """Points in a collection of a Qdrant server; its client is a ``translated`` one."""

    def __init__(
        self,
        client: AsyncQdrantClient,
        collection: str,
        *,
        quantised: bool = False,
        snapshots: ServerSnapshots | None = None,
    ) -> None:
        self._client = client
        self._snapshots = snapshots
        self._collection = collection
        self._compared = models.SearchParams(quantization=_COMPARED_AGAIN) if quantised else None

    async def upsert(self, points: Sequence[Point]) -> None:
        """Insert points, or replace those of the same id."""
        for start in range(0, len(points), UPSERT_BATCH):
            batch = [_to_struct(point) for point in points[start : start + UPSERT_BATCH]]
            await self._client.upsert(self._collection, batch, wait=True)

    async def search(
        self, snapshots: Sequence[Snapshot], probes: Sequence[Probe], *, limit: int, narrow: Where = EVERYTHING
    ) -> list[list[Scored]]:
        """Answer each probe with the best visible points."""
        if not snapshots or not probes:
            return [[] for _ in probes]
        visible = _visible(snapshots, narrow)
        corpus = models.SearchParams(idf=models.IdfCorpusParams(corpus=_owners(snapshots)))
        requests = [
            models.QueryRequest(
                query=_vector(probe.vector),
                using=probe.name.value,
                filter=visible,
                params=corpus if probe.name is VectorName.CODE else self._compared,
                limit=limit,
            )
            for probe in probes
        ]
        replies = await self._client.query_batch_points(self._collection, requests)
        return [[Scored(str(point.id), point.score) for point in reply.points] for reply in replies]

    async def read_chunks(self, snapshots: Sequence[Snapshot], chunk_ids: Sequence[str]) -> dict[str, StoredChunk]:
        """Chunks, by id, that a search of these snapshots found; without those that were deleted meanwhile."""
        if not chunk_ids:
            return {}
        records = await self._client.retrieve(self._collection, chunk_ids)
        keys = {snapshot.key for snapshot in snapshots}
        read = [StoredChunk.from_payload(record.id, record.payload or {}) for record in records]
        return {chunk.id: chunk for chunk in read if chunk.key in keys}

    async def find(self, snapshots: Sequence[Snapshot], chunk_id: str) -> Point | None:
        """A visible point with its vectors."""
        if not snapshots:
            return None
        wanted = models.Filter(must=[models.HasIdCondition(has_id=[chunk_id]), _visible(snapshots, EVERYTHING)])
        records, _ = await self._client.scroll(self._collection, wanted, limit=1, with_payload=True, with_vectors=True)
        return _from_record(records[0]) if records else None

    async def list_chunks(self, key: RepositoryKey, where: Where, *, limit: int | None = None) -> list[StoredChunk]:
        """Chunks of a repository in any order."""
        records = self._scroll(_owned(key, where), payload=True, vectors=False, limit=limit)
        return [StoredChunk.from_payload(record.id, record.payload or {}) async for record in records]

    async def list_paths(self, keys: Sequence[RepositoryKey], *, limit: int) -> list[str]:
        """Paths that chunks of these repositories have in any generation."""
        owned = models.Filter(must=_conditions(Where(among={"owner": sorted({key.owner for key in keys})})))
        response = await self._client.facet(self._collection, "path", facet_filter=owned, limit=limit, exact=True)
        return [str(hit.value) for hit in response.hits]

    async def count(self, snapshot: Snapshot, where: Where = EVERYTHING) -> int:
        """How many chunks a reader of the snapshot could find."""
        reply = await self._client.count(self._collection, _visible([snapshot], where), exact=True)
        return reply.count

    async def find_vectors(self, organisation_id: str, text_hashes: Sequence[str]) -> dict[str, StoredVectors]:
        """Vectors that the organisation has already, by text hash."""
        if not text_hashes:
            return {}
        where = Where(equal={"organisation_id": organisation_id}, among={"text_hash": text_hashes})
        condition = models.Filter(must=_conditions(where))
        names = [VectorName.FAST.value, VectorName.DENSE.value]
        found: dict[str, StoredVectors] = {}
        async for record in self._scroll(condition, payload=["text_hash"], vectors=names, limit=None):
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
            models.PointVectors(id=chunk_id, vector={VectorName.DENSE.value: vector})
            for chunk_id, vector in vectors.items()
        ]
        await self._client.update_vectors(self._collection, changes, wait=True)
        await self._set_payload(key, list(vectors), {"refined": 1})

    async def set_last_generation(self, key: RepositoryKey, chunk_ids: Sequence[str], generation: int) -> None:
        """Close chunks, or open them again."""
        if chunk_ids:
            await self._set_payload(key, chunk_ids, {"last_generation": generation})

    async def delete(self, key: RepositoryKey, where: Where = EVERYTHING) -> None:
        """Remove chunks of a repository."""
        await self._client.delete(self._collection, models.FilterSelector(filter=_owned(key, where)), wait=True)

    async def delete_chunks(self, key: RepositoryKey, chunk_ids: Sequence[str]) -> None:
        """Remove chunks by id."""
        if chunk_ids:
            selector = models.FilterSelector(filter=_owned_ids(key, chunk_ids))
            await self._client.delete(self._collection, selector, wait=True)

    async def list_points(self, after: str | None, *, limit: int) -> tuple[list[Point], str | None]:
        """A page of all points of all organisations, and where the next one begins."""
        records, following = await self._client.scroll(
            self._collection, limit=limit, offset=after, with_payload=True, with_vectors=True
        )
        return [_from_record(record) for record in records], None if following is None else str(following)

    async def list_owners(self) -> dict[RepositoryKey, int]:
        """Every repository that has chunks in any generation, and how many."""
        response = await self._client.facet(self._collection, "owner", limit=MOST_OWNERS, exact=True)
        return {RepositoryKey.of_owner(str(hit.value)): hit.count for hit in response.hits if hit.count}

    async def save_copy(self, folder: Path) -> None:
        """Write everything into a folder that is not there yet."""
        if self._snapshots is None:
            raise Unavailable("Qdrant's snapshots are out of reach here.")
        await self._snapshots.save(self._collection, folder)

    async def check(self) -> None:
        """Raise when the server or the collection does not answer."""
        await self._client.get_collection(self._collection)

    async def _set_payload(self, key: RepositoryKey, chunk_ids: Sequence[str], payload: dict[str, int]) -> None:
        selector = models.FilterSelector(filter=_owned_ids(key, chunk_ids))
        await self._client.set_payload(self._collection, payload, selector, wait=True)

    async def _scroll(
        self, condition: models.Filter, *, payload: bool | list[str], vectors: bool | list[str], limit: int | None
    ) -> AsyncIterator[models.Record]:
        offset = None
        left = limit
        while left is None or left > 0:
            records, offset = await self._client.scroll(
                self._collection,
                condition,
                limit=PAGE if left is None else min(PAGE, left),
                offset=offset,
                with_payload=payload,
                with_vectors=vectors,
            )
            for record in records:
                yield record
            left = None if left is None else left - len(records)
            if offset is None:
                return


@dataclass(frozen=True, slots=True)
class Spread:
    """How a new collection is laid out over the nodes of a cluster."""

    shards: int = 1
    replicas: int = 1
    write_consistency: int = 1


async def ensure_collection(
    client: AsyncQdrantClient, collection: str, shape: CollectionShape, spread: Spread = Spread()
) -> None:
    """Make a collection where there is none."""
    if not await client.collection_exists(collection):
        await _create(client, collection, shape, spread)


async def _create(client: AsyncQdrantClient, collection: str, shape: CollectionShape, spread: Spread) -> None:
    int8 = models.ScalarQuantization(
        scalar=models.ScalarQuantizationConfig(type=models.ScalarType.INT8, quantile=0.99, always_ram=True)
    )
    sizes = {VectorName.FAST: shape.fast_dimensions, VectorName.DENSE: shape.dense_dimensions}
    await client.create_collection(
        collection,
        vectors_config={
            name.value: models.VectorParams(
                size=size, distance=models.Distance.COSINE, on_disk=True if shape.quantised else None
            )
            for name, size in sizes.items()
        },
        sparse_vectors_config={VectorName.CODE.value: models.SparseVectorParams(modifier=models.Modifier.IDF)},
        quantization_config=int8 if shape.quantised else None,
        shard_number=spread.shards,
        replication_factor=spread.replicas,
        write_consistency_factor=spread.write_consistency,
    )
    # Points of one organisation lie together on disk: that is whom every question is about.
    tenant = models.KeywordIndexParams(type=models.KeywordIndexType.KEYWORD, is_tenant=True)
    await client.create_payload_index(collection, "organisation_id", tenant)
    for name in KEYWORD_FIELDS:
        if name != "organisation_id":
            await client.create_payload_index(collection, name, models.PayloadSchemaType.KEYWORD)
    for name in INTEGER_FIELDS:
        await client.create_payload_index(collection, name, models.PayloadSchemaType.INTEGER)


def _to_struct(point: Point) -> models.PointStruct:
    vectors: dict[str, Any] = {VectorName.CODE.value: _vector(point.code)}
    if point.fast:
        vectors[VectorName.FAST.value] = point.fast
    if point.dense is not None:
        vectors[VectorName.DENSE.value] = point.dense
    payload = point.chunk.payload() | {"refined": int(point.dense is not None)}
    return models.PointStruct(id=point.chunk.id, vector=vectors, payload=payload)


def _from_record(record: models.Record) -> Point:
    raw: Any = record.vector
    code = raw[VectorName.CODE.value]
    vectors = _vectors(record)
    return Point(
        StoredChunk.from_payload(record.id, record.payload or {}),
        SparseVector(list(code.indices), list(code.values)),
        vectors.fast or [],
        vectors.dense,
    )


def _vectors(record: models.Record) -> StoredVectors:
    raw: Any = record.vector or {}
    return StoredVectors(raw.get(VectorName.FAST.value), raw.get(VectorName.DENSE.value))


def _vector(vector: SparseVector | list[float]) -> models.SparseVector | list[float]:
    if isinstance(vector, SparseVector):
        return models.SparseVector(indices=vector.indices, values=vector.values)
    return vector


def _visible(snapshots: Sequence[Snapshot], narrow: Where) -> models.Filter:
    allowed: list[Any] = [
        models.Filter(
            must=[_matches("owner", snapshot.key.owner)],
            must_not=[
                models.FieldCondition(key="first_generation", range=models.Range(gt=snapshot.generation)),
                models.FieldCondition(key="last_generation", range=models.Range(lt=snapshot.generation)),
            ],
        )
        for snapshot in snapshots
    ]
    return models.Filter(must=[*_conditions(narrow), models.Filter(should=allowed)])


def _owners(snapshots: Sequence[Snapshot]) -> models.Filter:
    return models.Filter(must=_conditions(Where(among={"owner": sorted({s.key.owner for s in snapshots})})))


def _owned(key: RepositoryKey, where: Where) -> models.Filter:
    return models.Filter(must=[_matches("owner", key.owner), *_conditions(where)])


def _owned_ids(key: RepositoryKey, chunk_ids: Sequence[str]) -> models.Filter:
    return models.Filter(must=[models.HasIdCondition(has_id=list(chunk_ids)), _matches("owner", key.owner)])


def _matches(name: str, value: str | int) -> models.FieldCondition:
    return models.FieldCondition(key=name, match=models.MatchValue(value=value))


def _conditions(where: Where) -> list[Any]:
    return [
        *(_matches(name, value) for name, value in where.equal.items()),
        *(
            models.FieldCondition(key=name, match=models.MatchAny(any=list(values)))
            for name, values in where.among.items()
        ),
        *(models.FieldCondition(key=name, range=models.Range(lte=value)) for name, value in where.at_most.items()),
        *(models.FieldCondition(key=name, range=models.Range(gte=value)) for name, value in where.at_least.items()),
    ]

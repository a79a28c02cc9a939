"""Writes versions of repositories into the index, so that no text is ever embedded twice."""

import asyncio
from collections.abc import Sequence

from codemuse.contracts.chunks import Chunk
from codemuse.contracts.rag import GenerationWrite, GenerationWritten, RefineReply, RepositoryIndexRead
from codemuse.contracts.upkeep import PathsRead
from rag_server.core.errors import ModelsChanged
from rag_server.core.index import Index
from rag_server.core.points import OPEN, Point, RepositoryKey, Snapshot, StoredChunk, embedded_text
from rag_server.core.sparse import SparseVector, encode_chunk
from rag_server.core.store import VectorName, Where
from rag_server.features.generations.changes import plan_changes
from rag_server.features.generations.errors import ForeignPath

MOST_PATHS = 1_000_000
UNREFINED = Where(equal={"refined": 0})


class GenerationService:
    """Inserts, closes, refines and removes chunks."""

    def __init__(self, index: Index) -> None:
        self._store = index.store
        self._embedder = index.embedder

    async def write(self, key: RepositoryKey, generation: int, body: GenerationWrite) -> GenerationWritten:
        """Give the named files exactly these chunks from the generation on. Repeating it changes nothing.

        Raises:
            ForeignPath: A chunk lies in another file than it is listed under.
        """
        for file in body.files:
            if any(chunk.path != file.path for chunk in file.chunks):
                raise ForeignPath(file.path)
        chunks = [chunk for file in body.files for chunk in file.chunks]
        wanted = [StoredChunk.of(chunk, key, generation=generation, commit=body.commit) for chunk in chunks]
        touched = Where(
            among={"path": sorted({file.path for file in body.files})},
            at_most={"first_generation": generation},
            at_least={"last_generation": generation - 1},
        )
        changes = plan_changes(await self._store.list_chunks(key, touched), wanted, generation)
        sources = {stored.id: chunk for stored, chunk in zip(wanted, chunks, strict=True)}
        embedded = await self._insert(key, changes.insert, sources)
        await self._store.set_last_generation(key, _ids(changes.reopen), OPEN)
        await self._store.set_last_generation(key, _ids(changes.close), generation - 1)
        await self._store.delete_chunks(key, _ids(changes.remove))
        return GenerationWritten(
            inserted=len(changes.insert),
            kept=len(changes.keep) + len(changes.reopen),
            closed=len(changes.close) + len(changes.remove),
            embedded=embedded,
            reused=len(changes.insert) - embedded,
        )

    async def refine(self, key: RepositoryKey, limit: int) -> RefineReply:
        """Give a bounded number of live chunks their transformer vectors."""
        live = Where(equal={**UNREFINED.equal, "last_generation": OPEN})
        chunks = await self._store.list_chunks(key, live, limit=limit)
        texts = _texts_by_hash(chunks)
        known = await self._store.find_vectors(key.organisation_id, list(texts))
        vectors = {text_hash: stored.dense for text_hash, stored in known.items() if stored.dense}
        missing = [text_hash for text_hash in texts if text_hash not in vectors]
        try:
            embedded = await self._embedder.embed_texts(VectorName.DENSE, [texts[text_hash] for text_hash in missing])
        except ModelsChanged:
            return RefineReply(refined=0, remaining=0)  # an index that another one will replace
        vectors |= dict(zip(missing, embedded, strict=True))
        await self._store.set_dense(key, {chunk.id: vectors[chunk.text_hash] for chunk in chunks})
        remaining = await self._store.count(Snapshot(key, OPEN), UNREFINED)
        return RefineReply(refined=len(chunks), remaining=remaining)

    async def read(self, snapshot: Snapshot) -> RepositoryIndexRead:
        """Counts of what a reader of the generation can find."""
        return RepositoryIndexRead(
            repository_id=snapshot.key.repository_id,
            generation=snapshot.generation,
            chunk_count=await self._store.count(snapshot),
            unrefined_count=await self._store.count(snapshot, UNREFINED),
        )

    async def abort(self, key: RepositoryKey, generation: int) -> None:
        """Undo a generation that was never published."""
        closed = await self._store.list_chunks(key, Where(equal={"last_generation": generation - 1}))
        await self._store.set_last_generation(key, _ids(closed), OPEN)
        await self._store.delete(key, Where(equal={"first_generation": generation}))

    async def prune(self, key: RepositoryKey, keep_from: int) -> None:
        """Forget what only generations before ``keep_from`` could see."""
        await self._store.delete(key, Where(at_most={"last_generation": keep_from - 1}))

    async def list_paths(self, key: RepositoryKey) -> PathsRead:
        """Paths that have chunks in any generation."""
        return PathsRead(items=await self._store.list_paths([key], limit=MOST_PATHS))

    async def trim(self, key: RepositoryKey, generation: int) -> None:
        """Go back to a generation: what came after it was never written."""
        closed = Where(at_least={"last_generation": generation}, at_most={"last_generation": OPEN - 1})
        await self._store.set_last_generation(key, _ids(await self._store.list_chunks(key, closed)), OPEN)
        await self._store.delete(key, Where(at_least={"first_generation": generation + 1}))

    async def delete(self, key: RepositoryKey) -> None:
        """Remove a repository from the index."""
        await self._store.delete(key)

    async def _insert(self, key: RepositoryKey, inserted: Sequence[StoredChunk], sources: dict[str, Chunk]) -> int:
        """Store chunks with the vectors that are known and make the rest; returns how many texts were embedded."""
        if not inserted:
            return 0
        texts = _texts_by_hash(inserted)
        known = await self._store.find_vectors(key.organisation_id, list(texts))
        fast = {text_hash: stored.fast for text_hash, stored in known.items() if stored.fast}
        missing = [text_hash for text_hash in texts if text_hash not in fast]
        embedding = self._embed_fast([texts[text_hash] for text_hash in missing])
        encoding = asyncio.to_thread(_encode_all, [sources[chunk.id] for chunk in inserted])
        embedded, codes = await asyncio.gather(embedding, encoding)
        fast |= dict(zip(missing, embedded, strict=True))
        dense = {text_hash: stored.dense for text_hash, stored in known.items()}
        await self._store.upsert(
            [
                Point(chunk, code, fast[chunk.text_hash], dense.get(chunk.text_hash))
                for chunk, code in zip(inserted, codes, strict=True)
            ]
        )
        return sum(map(bool, embedded))

    async def _embed_fast(self, texts: Sequence[str]) -> Sequence[list[float]]:
        """Vectors of texts; empty ones where the index waits to be built with another model."""
        try:
            return await self._embedder.embed_texts(VectorName.FAST, texts)
        except ModelsChanged:
            return [[] for _ in texts]


def _encode_all(chunks: Sequence[Chunk]) -> list[SparseVector]:
    return [encode_chunk(chunk) for chunk in chunks]


def _texts_by_hash(chunks: Sequence[StoredChunk]) -> dict[str, str]:
    return {chunk.text_hash: embedded_text(chunk.symbol, chunk.signature, chunk.text) for chunk in chunks}


def _ids(chunks: Sequence[StoredChunk]) -> list[str]:
    return [chunk.id for chunk in chunks]

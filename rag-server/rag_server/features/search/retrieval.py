"""Asks the store what the retrievers find, as deep as the conditions of a query make necessary."""

import asyncio
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from codemuse.contracts.rag import RelatedPlace
from rag_server.core.points import OPEN, Snapshot, StoredChunk
from rag_server.core.store import Probe, Scored, VectorName, VectorStore, Where
from rag_server.features.search.candidates import Verdicts, leading
from rag_server.features.search.conditions import Condition, all_of
from rag_server.features.search.filters import Narrowing
from rag_server.features.search.weights import Weights

DEPTH = 60
"""Found by each retriever."""
MOST_READ = 54
"""And so many more than results are wanted are read and ranked: the best of them all. Reading costs more than finding;
the best 60 instead of all 150 changed NDCG@10 by 0.001 on 17 repositories (0.002 without the transformer)."""
CONDITION_DEPTHS = (400, 3_000)
"""Where conditions are checked on the results: how deep at first, and if that gives too few."""
MOST_PATHS = 50_000
MOST_NAMED_PATHS = 1_000
MOST_SCANNED = 20_000
"""Chunks that are looked through where nothing can be looked up: some 30 MB, less than a second."""
MOST_MATCHES = 400
CHECKING_SECONDS = 1.5
"""For checking conditions; what is left then is left out, and the reply says so."""


@dataclass(slots=True)
class Retrieved:
    """What was found, by retriever."""

    found: dict[VectorName, Sequence[Scored]] = field(default_factory=dict)
    incomplete: bool = False
    read: dict[str, StoredChunk] = field(default_factory=dict)
    """All of it by id, where conditions had to be checked on the chunks."""

    def merge(self, other: "Retrieved") -> "Retrieved":
        """Both."""
        return Retrieved(self.found | other.found, self.incomplete or other.incomplete, self.read | other.read)


class Retrieval:
    """Looks things up for one search.

    Args:
        store: Where to look.
        snapshots: What the reader may see.
        narrowing: What the reader wants to see of it.
        limit: How many results are wanted.
    """

    def __init__(self, store: VectorStore, snapshots: Sequence[Snapshot], narrowing: Narrowing, limit: int) -> None:
        self._store = store
        self._snapshots = snapshots
        self._narrowing = narrowing
        self._limit = limit

    async def resolve_paths(self) -> bool:
        """Turn conditions on paths into paths that the store can look for; returns whether there are any.

        Where too many fit, they are checked on the results: then most results fit too.
        """
        has_path = self._narrowing.has_path
        if has_path is None or not self._snapshots:
            return True
        keys = [snapshot.key for snapshot in self._snapshots]
        known = await self._store.list_paths(keys, limit=MOST_PATHS)
        fitting = await asyncio.to_thread(lambda: [path for path in known if has_path(path)])
        where, accepts = self._narrowing.where, self._narrowing.accepts
        if len(known) < MOST_PATHS and len(fitting) <= MOST_NAMED_PATHS:
            where = replace(where, among={**where.among, "path": fitting})
        else:
            checked: list[Condition] = [lambda chunk: has_path(chunk.path), *([accepts] if accepts else [])]
            accepts = all_of(checked)
        self._narrowing = Narrowing(where, accepts)
        return bool(fitting)

    async def look_up(self, probes: Sequence[Probe]) -> Retrieved:
        """The best chunks of each retriever that meet the conditions."""
        if not probes:
            return Retrieved()
        accepts = self._narrowing.accepts
        if accepts is None:
            return Retrieved(await self._search(probes, max(DEPTH, self._limit)))
        retrieved = Retrieved()
        for depth in CONDITION_DEPTHS:
            found = await self._search(probes, depth)
            ids = dict.fromkeys(item.chunk_id for scored in found.values() for item in scored)
            read = await self._store.read_chunks(self._snapshots, list(ids))
            retrieved = await asyncio.to_thread(self._checked, found, read, accepts, depth)
            if not retrieved.incomplete:
                break
        return retrieved

    async def read(self, retrieved: Retrieved, verdicts: Verdicts, weights: Weights) -> Iterable[StoredChunk]:
        """The chunks that are worth ranking."""
        if retrieved.read:
            return retrieved.read.values()
        best = leading(verdicts, weights, MOST_READ + self._limit)
        return (await self._store.read_chunks(self._snapshots, best)).values()

    async def read_places(self, places: Sequence[RelatedPlace]) -> list[StoredChunk]:
        """The chunks that hold these lines and meet the conditions."""
        snapshots = {snapshot.key.repository_id: snapshot for snapshot in self._snapshots}
        lines: dict[str, dict[str, set[int]]] = {}
        for place in places:
            if place.repository_id in snapshots:
                lines.setdefault(place.repository_id, {}).setdefault(place.path, set()).add(place.line)
        found: list[StoredChunk] = []
        for repository_id, by_path in lines.items():
            snapshot = snapshots[repository_id]
            chunks = await self._store.list_chunks(snapshot.key, visible_in(snapshot, self._at(list(by_path))))
            found += [chunk for chunk in chunks if _holds_any(chunk, by_path.get(chunk.path, set()))]
        accepts = self._narrowing.accepts
        return found if accepts is None else [chunk for chunk in found if accepts(chunk)]

    def _at(self, paths: Sequence[str]) -> Where:
        where = self._narrowing.where
        allowed = set(where.among.get("path", paths))
        return replace(where, among={**where.among, "path": [path for path in paths if path in allowed]})

    async def scan(self) -> Retrieved:
        """Chunks that meet the conditions, in path order: for queries that name nothing that could be looked up."""
        accepts = self._narrowing.accepts
        matches: list[StoredChunk] = []
        room = MOST_SCANNED if accepts else MOST_MATCHES
        deadline = time.monotonic() + CHECKING_SECONDS
        is_cut = False
        for snapshot in self._snapshots:
            chunks = await self._store.list_chunks(
                snapshot.key, visible_in(snapshot, self._narrowing.where), limit=room
            )
            room -= len(chunks)
            accepted = chunks if accepts is None else await asyncio.to_thread(_accepted, chunks, accepts, deadline)
            matches += accepted
            is_cut = room <= 0 or len(matches) >= MOST_MATCHES or time.monotonic() > deadline
            if is_cut:
                break
        matches.sort(key=lambda chunk: (chunk.path, chunk.start_line))
        read = {chunk.id: chunk for chunk in matches[:MOST_MATCHES]}
        return Retrieved({VectorName.CODE: [Scored(chunk_id, 1.0) for chunk_id in read]}, is_cut, read)

    def _checked(
        self,
        found: Mapping[VectorName, Sequence[Scored]],
        read: Mapping[str, StoredChunk],
        accepts: Condition,
        depth: int,
    ) -> Retrieved:
        deadline = time.monotonic() + CHECKING_SECONDS
        accepted = {chunk.id: chunk for chunk in _accepted(read.values(), accepts, deadline)}
        met: dict[VectorName, Sequence[Scored]] = {
            name: [item for item in scored if item.chunk_id in accepted] for name, scored in found.items()
        }
        is_full = any(len(scored) == depth for scored in found.values())
        is_enough = any(len(scored) >= self._limit for scored in met.values())
        return Retrieved(met, (is_full and not is_enough) or time.monotonic() >= deadline, accepted)

    async def _search(self, probes: Sequence[Probe], depth: int) -> dict[VectorName, Sequence[Scored]]:
        results = await self._store.search(self._snapshots, probes, limit=depth, narrow=self._narrowing.where)
        return {probe.name: scored for probe, scored in zip(probes, results, strict=True)}


def _accepted(chunks: Iterable[StoredChunk], accepts: Condition, deadline: float) -> list[StoredChunk]:
    return [chunk for chunk in chunks if time.monotonic() < deadline and accepts(chunk)]


def _holds_any(chunk: StoredChunk, lines: Iterable[int]) -> bool:
    return any(chunk.start_line <= line <= chunk.end_line for line in lines)


def visible_in(snapshot: Snapshot, where: Where) -> Where:
    """The conditions, for what readers of a snapshot see."""
    first = min(snapshot.generation, where.at_most.get("first_generation", OPEN))
    last = max(snapshot.generation, where.at_least.get("last_generation", 0))
    return replace(
        where,
        at_most={**where.at_most, "first_generation": first},
        at_least={**where.at_least, "last_generation": last},
    )

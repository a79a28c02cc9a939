"""The running embedded engine: one shard, the threads that call it, and its replacement by a compacted one.

Every call of the engine holds the interpreter's lock, and a graph takes minutes to build. So a compaction copies the
shard, optimises the copy in a process of its own, applies what was written meanwhile, and changes over.
"""

import asyncio
import shutil
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import qdrant_edge as edge

from codemuse.logging import get_logger
from rag_server.core.disk import DiskFull, allocated_bytes, require_room, sync_folder, translate_full_disk
from rag_server.core.edge_compact import INT8
from rag_server.core.edge_shard import ShardFiles, is_quantised, load_shard
from rag_server.core.edge_visibility import Visibility
from rag_server.core.metrics import COMPACTION_DUE, COMPACTION_SECONDS
from rag_server.core.page_cache import half_of_memory, read_through

T = TypeVar("T")
_log = get_logger(__name__)

QUIET_SECONDS = 2.0
"""So long no points must have been added before a compaction begins."""
WORTHWHILE_POINTS = 2_000
WORTHWHILE_SHARE = 0.1
WORTHWHILE_SHARE_WHILE_WRITING = 0.5
"""Points, and share of all points, that must have changed since the last compaction."""
FLUSH_SECONDS = 0.5
"""So long changes stay in the log alone. It is read as a whole when the index is opened, and kept until what it says is
in the segments too: without that, a million points leave two gigabytes of it."""
MOST_RECORDED_POINTS = 50_000
"""More changes than that during a compaction, and it is given up: it would have to begin anew anyway."""
RETRY_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class View:
    """A shard and what is known of it; a reader keeps the one it began with."""

    shard: edge.EdgeShard
    visibility: Visibility


@dataclass(frozen=True, slots=True)
class Change:
    """Writes that belong together."""

    operations: Sequence[edge.UpdateOperation]
    points: int
    """How many points they touch."""
    adds: bool = False
    """Whether points are added: more will follow soon."""
    grows: bool = False
    """Whether it needs room on the disk."""
    account: Callable[[edge.EdgeShard], Callable[[], None]] | None = None
    """Looks at what the change replaces, before it is applied; what that returns is called when it has been applied."""


class EdgeEngine:
    """Runs reads and writes on the current shard."""

    def __init__(self, files: ShardFiles, build: Path, threads: ThreadPoolExecutor, *, quantised: bool = False) -> None:
        shard = load_shard(build)
        self.quantised = quantised
        self._files = files
        self._build = build
        self.view = View(shard, Visibility(shard))
        """What is current. Whoever uses it in a thread takes it by ``read``."""
        self._threads = threads
        self._writing = asyncio.Lock()
        self._writes: set[asyncio.Task[None]] = set()
        self._compacting = asyncio.Lock()
        self._recorded: list[Change] | None = None
        self._waits_for_room = False
        is_stale = _has_no_graph(shard) or (quantised and not is_quantised(build))
        self._changed = shard.info().points_count if is_stale else 0
        self._last_addition = self._last_write = 0.0
        self._is_flushed = True

    async def read(self, call: Callable[[View], T]) -> T:
        """Run a call on the current shard in a thread."""
        view = self.view
        return await asyncio.get_running_loop().run_in_executor(self._threads, call, view)

    async def write(self, change: Change) -> None:
        """Apply a change durably; writers take turns. A caller that leaves does not end it half-way.

        Raises:
            DiskFull: It needs room, and there is none.
        """
        if change.grows:
            require_room(self._build)
        writing = asyncio.create_task(self._write(change))
        self._writes.add(writing)
        writing.add_done_callback(self._writes.discard)
        await asyncio.shield(writing)

    @asynccontextmanager
    async def unchanging(self) -> AsyncIterator[None]:
        """While this is open, writers wait."""
        async with self._writing:
            yield

    async def close(self) -> None:
        """Close the shard after the last write; nothing may be asked afterwards."""
        await asyncio.gather(*self._writes, return_exceptions=True)
        await self._try_to_flush()
        await self.read(lambda view: view.shard.close())

    async def copy_to(self, folder: Path) -> None:
        """Write a consistent copy of the shard into a folder that is not there yet; writers wait meanwhile."""
        async with self.unchanging():
            room = await asyncio.to_thread(allocated_bytes, self._build)
            require_room(folder.parent, room)
            await self._flush()
            await asyncio.to_thread(self._files.copy, self._build, folder)

    async def compact(self) -> bool:
        """Replace the shard by an optimised copy. It is given up, with ``False``, when too much is written meanwhile.

        Raises:
            DiskFull: There is no room for the copy.
        """
        async with self._compacting:
            async with self._writing:
                build = await self._copy()
                changed, self._recorded, self._changed = self._changed, [], 0
            stale = build
            try:
                if await self._optimise(build):
                    stale = await self._change_over(build)
                return stale != build
            finally:
                self._recorded = None
                self._changed += changed if stale == build else 0
                await asyncio.to_thread(shutil.rmtree, stale, ignore_errors=True)

    async def compact_when_worthwhile(self) -> None:
        """For ever: compact after enough has changed."""
        while True:
            COMPACTION_DUE.set(self._is_due(WORTHWHILE_SHARE))
            await asyncio.sleep(QUIET_SECONDS / 2)
            if not self._is_worthwhile():
                continue
            changed = self._changed
            if await self._try_to_compact():
                _log.info("index compacted", points=changed)
            else:
                await asyncio.sleep(RETRY_SECONDS)

    async def flush_regularly(self) -> None:
        """For ever: bring what was written from the log into the segments."""
        while True:
            await asyncio.sleep(FLUSH_SECONDS)
            if self._is_flushed:
                continue
            async with self.unchanging():
                flushed = await self._try_to_flush()
            if not flushed:
                await asyncio.sleep(RETRY_SECONDS)

    async def _flush(self) -> None:
        await self.read(lambda view: view.shard.flush())
        self._is_flushed = True

    async def _try_to_flush(self) -> bool:
        try:
            await self._flush()
        except Exception:  # noqa: BLE001 - the engine raises nothing narrower; the log has it all and is kept
            _log.exception("index cannot be flushed")
            return False
        return True

    async def _try_to_compact(self) -> bool:
        waited_for_room, self._waits_for_room = self._waits_for_room, False
        try:
            with COMPACTION_SECONDS.time():
                return await self.compact()
        except DiskFull as error:
            self._waits_for_room = True
            if not waited_for_room:
                _log.warning("index waits for room to be compacted", reason=error.message)
        except Exception:  # noqa: BLE001 - the base of a background task; the engine raises nothing narrower
            _log.exception("index cannot be compacted; it stays in use as it is")
        return False

    async def _write(self, change: Change) -> None:
        async with self._writing:
            with self.view.visibility.changing():
                applied = await self.read(lambda view: _apply_change(view.shard, change))
            applied()
            self._is_flushed = False
            if self._recorded is not None:
                self._recorded.append(change)
            self._changed += change.points
            self._last_write = time.monotonic()
            if change.adds:
                self._last_addition = self._last_write

    def _is_worthwhile(self) -> bool:
        now = time.monotonic()
        is_quiet = now - self._last_write >= QUIET_SECONDS
        share = WORTHWHILE_SHARE if is_quiet else WORTHWHILE_SHARE_WHILE_WRITING
        return now - self._last_addition >= QUIET_SECONDS and self._is_due(share)

    def _is_due(self, share: float) -> bool:
        if self._changed < WORTHWHILE_POINTS:
            return False
        return self._changed >= share * self.view.shard.info().points_count

    async def _copy(self) -> Path:
        """A copy to optimise, which makes another one of what it holds."""
        build = await asyncio.to_thread(self._files.start_build)
        room = 2 * await asyncio.to_thread(allocated_bytes, self._build)
        require_room(self._files.folder, room)
        await self._flush()
        try:
            with translate_full_disk(self._files.folder):
                await asyncio.to_thread(self._files.copy, self._build, build)
        except BaseException:
            shutil.rmtree(build, ignore_errors=True)
            raise
        return build

    async def _optimise(self, build: Path) -> bool:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "rag_server.core.edge_compact", str(build), *([INT8] if self.quantised else [])),
            start_new_session=True,
        )
        ended = asyncio.create_task(process.wait())
        try:
            while not ended.done():
                await asyncio.wait([ended], timeout=QUIET_SECONDS)
                if sum(change.points for change in self._recorded or ()) > MOST_RECORDED_POINTS:
                    return False
        finally:
            if process.returncode is None:
                process.kill()
            await ended
        if process.returncode != 0:
            raise RuntimeError(f"The compaction ended with status {process.returncode}.")
        return True

    async def _change_over(self, build: Path) -> Path:
        """Use the build from now on; the one before it."""
        await _read_ahead(build)
        shard = await self.read(lambda _: load_shard(build))
        await asyncio.to_thread(sync_folder, build)  # most of it here, where nobody waits
        async with self._writing:
            operations = [operation for change in self._recorded or () for operation in change.operations]
            await self.read(lambda _: _apply(shard, operations))
            await self.read(lambda _: shard.flush())
            await asyncio.to_thread(sync_folder, build)
            # In one go: stopped in between, the build that is current would be taken for the one to throw away.
            self._files.publish(build)
            self.view = View(shard, Visibility(shard))
            before, self._build = self._build, build
        return before


@asynccontextmanager
async def open_engine(
    files: ShardFiles, build: Path, threads: ThreadPoolExecutor, *, quantised: bool = False
) -> AsyncIterator[EdgeEngine]:
    """Open a build, and flush and compact in the background as long as it is open."""
    await _read_ahead(build)
    engine = await asyncio.to_thread(EdgeEngine, files, build, threads, quantised=quantised)
    upkeep = [asyncio.create_task(work) for work in (engine.flush_regularly(), engine.compact_when_worthwhile())]
    try:
        yield engine
    finally:
        for task in upkeep:
            task.cancel()
        await asyncio.wait(upkeep)
        await engine.close()


async def _read_ahead(build: Path) -> None:
    await asyncio.to_thread(read_through, build / "segments", half_of_memory())


def _apply_change(shard: edge.EdgeShard, change: Change) -> Callable[[], None]:
    applied = change.account(shard) if change.account else _nothing
    _apply(shard, change.operations)
    return applied


def _nothing() -> None:
    pass


def _apply(shard: edge.EdgeShard, operations: Iterable[edge.UpdateOperation]) -> None:
    for operation in operations:
        shard.update(operation)


def _has_no_graph(shard: edge.EdgeShard) -> bool:
    """Whether the models' vectors are not indexed; words always are."""
    info = shard.info()
    return bool(info.indexed_vectors_count < 2 * info.points_count)

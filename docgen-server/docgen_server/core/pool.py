"""Parses files in processes that can be killed, so that one bad file costs only itself."""

import asyncio
import multiprocessing
import resource
from collections.abc import Iterator, Sequence
from concurrent.futures import CancelledError
from concurrent.futures import TimeoutError as FutureTimeoutError
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from pebble import ProcessExpired, ProcessPool

from codemuse.contracts.common import Language
from docgen_server.core.analysis.analyser import analyse_file
from docgen_server.core.analysis.model import FileFacts, quarantined
from docgen_server.core.linking.file_links import pack_links

_BATCH_BYTES = 64 * 1024
"""Some 2,000 lines, 30 ms of work: what workers get more of at the end of a request, others wait for."""
_BATCH_FILES = 24


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file to analyse."""

    path: str
    language: Language
    data: bytes


class ParserPool:
    """Analyses files side by side.

    Files travel in small batches, because a task a file would cost more than the parsing. When a batch runs out of time
    or takes its worker down, its files are tried again one by one, and the guilty one is quarantined.

    Args:
        workers: Number of processes.
        timeout_seconds: Time for one file.
        memory_bytes: Address space of a worker.
    """

    def __init__(self, *, workers: int, timeout_seconds: float, memory_bytes: int) -> None:
        self._timeout_seconds = timeout_seconds
        self._pool = ProcessPool(
            max_workers=workers,
            max_tasks=0,
            initializer=_limit_memory,
            initargs=(memory_bytes,),
            context=multiprocessing.get_context("spawn"),
        )

    async def __aenter__(self) -> Self:
        """Start the workers, so that the first request does not wait for them."""
        await self.analyse([SourceFile("warm.py", Language.PYTHON, b"")])
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the workers, whatever they are doing."""
        self._pool.stop()  # type: ignore[no-untyped-call]
        await asyncio.to_thread(self._pool.join)

    async def analyse(self, files: Sequence[SourceFile]) -> list[FileFacts]:
        """Facts of each file, in the order given."""
        outcomes = await asyncio.gather(*(self._batch(batch) for batch in _batches(files)))
        return [facts for batch in outcomes for facts in batch]

    async def _batch(self, batch: Sequence[SourceFile]) -> list[FileFacts]:
        try:
            return await self._run(batch)
        except (FutureTimeoutError, ProcessExpired, MemoryError, RecursionError) as error:
            if len(batch) == 1:
                return [_blame(batch[0], error, self._timeout_seconds)]
        alone = await asyncio.gather(*(self._batch([file]) for file in batch))
        return [facts for outcome in alone for facts in outcome]

    async def _run(self, batch: Sequence[SourceFile]) -> list[FileFacts]:
        future = self._pool.submit(_analyse_batch, self._timeout_seconds, batch)
        try:
            facts: list[FileFacts] = await asyncio.wrap_future(future)
        except (asyncio.CancelledError, CancelledError):
            future.cancel()  # type: ignore[no-untyped-call]
            raise
        return facts


def _analyse_batch(batch: Sequence[SourceFile]) -> list[FileFacts]:
    return [_analyse_one(file) for file in batch]


def _analyse_one(file: SourceFile) -> FileFacts:
    """Facts of a file, whatever is in it; the resources of the process are the pool's business."""
    try:
        return _packed(analyse_file(file.path, file.language, file.data))
    except (MemoryError, RecursionError):
        raise
    except Exception as error:  # noqa: BLE001 - the base of all parsing: a mistake of ours costs one file
        message = f"Reading this file failed ({type(error).__name__}); this is a mistake of CodeMuse's."
        return quarantined(file.language, "parser_crashed", message)


def _packed(facts: FileFacts) -> FileFacts:
    """Facts that travel lightly: what only linking reads goes as one piece of bytes."""
    facts.links = pack_links(facts)
    facts.imports, facts.references, facts.bindings, facts.lonely, facts.fingerprints = [], [], [], [], []
    return facts


def _limit_memory(memory_bytes: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _batches(files: Sequence[SourceFile]) -> Iterator[list[SourceFile]]:
    batch: list[SourceFile] = []
    size = 0
    for file in files:
        batch.append(file)
        size += len(file.data)
        if size >= _BATCH_BYTES or len(batch) >= _BATCH_FILES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _blame(file: SourceFile, error: BaseException, timeout_seconds: float) -> FileFacts:
    if isinstance(error, FutureTimeoutError):
        message = f"Parsing took longer than {timeout_seconds:g} s and was stopped."
        return quarantined(file.language, "parser_timeout", message)
    return quarantined(file.language, "parser_crashed", "The parser ended or ran out of memory on this file.")

"""Lets callers share batches: they wait on the event loop while threads compute."""

import asyncio
import math
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass

from embedding_server.core.backend import Backend, TokenIds, Vectors
from embedding_server.core.errors import QueueFull, TooManyTokens
from embedding_server.core.jobs import Job, Piece
from embedding_server.core.schedule import Priority, Schedule

INLINE_CHARACTERS = 4_000
"""Texts up to here are tokenized on the event loop: that costs less than the hand-over to a thread."""

RETRY_AFTER_SECONDS = 1

SHARED_SECONDS = 2.0
"""So long after a query another one is expected."""


@dataclass(frozen=True, slots=True)
class Embedded:
    """Vectors in the order of the texts, and what was read to make them."""

    vectors: Vectors
    token_counts: list[int]

    @property
    def tokens(self) -> int:
        """Of all texts together."""
        return sum(self.token_counts)


class Batcher:
    """One model's queue and the threads that compute it."""

    def __init__(self, backend: Backend, *, capacity_tokens: int) -> None:
        card = backend.card
        self._backend = backend
        self._compute = ThreadPoolExecutor(card.workers, thread_name_prefix=f"compute-{card.kind}")
        self._capacity_tokens = capacity_tokens
        self._schedule = Schedule(batch_tokens=backend.card.batch_tokens, capacity_tokens=capacity_tokens)
        self._work = asyncio.Event()
        self._answering = 0
        self._last_query = -math.inf
        self._holders = 0
        self._tokenize = ThreadPoolExecutor(1, thread_name_prefix=f"tokenize-{backend.card.kind}")

    @property
    def backend(self) -> Backend:
        """The model that is computed with."""
        return self._backend

    @property
    def is_idle(self) -> bool:
        """Whether nobody waits for anything or is about to ask."""
        return self._holders == 0

    @contextmanager
    def held(self) -> Iterator[None]:
        """Around work that asks more than once, or not at once: the model stays in memory."""
        self._holders += 1
        try:
            yield
        finally:
            self._holders -= 1

    def count_waiting_tokens(self) -> int:
        """Tokens in the queue."""
        return self._schedule.waiting_tokens

    async def embed(self, texts: Sequence[str], priority: Priority) -> Embedded:
        """Queue the texts and wait for their vectors. Cancelling the call drops what still waits.

        Raises:
            QueueFull: Too much is waiting already.
            TooManyTokens: The texts would not fit even into an empty queue.
        """
        with self.held():
            return await self._embed(texts, priority)

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Batcher"]:
        """Compute while the context is open."""
        workers = [asyncio.create_task(self._compute_batches()) for _ in range(self._backend.card.workers)]
        try:
            yield self
        finally:
            for worker in workers:
                worker.cancel()
            await asyncio.wait(workers)
            self._compute.shutdown(cancel_futures=True)
            self._tokenize.shutdown(cancel_futures=True)

    async def _embed(self, texts: Sequence[str], priority: Priority) -> Embedded:
        rows = await self._tokenized(texts)
        token_counts = [len(row) for row in rows]
        tokens = sum(token_counts)
        if tokens <= self._backend.card.inline_tokens:
            return Embedded(self._backend.embed(rows), token_counts)
        if tokens > self._capacity_tokens:
            raise TooManyTokens(tokens, self._capacity_tokens)
        if not self._schedule.fits(tokens):
            raise QueueFull(RETRY_AFTER_SECONDS)
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        job = Job(rows, self._backend.card.dimensions, done)
        self._schedule.add(job, priority)
        if priority is Priority.QUERY:
            self._last_query = time.monotonic()
        self._work.set()
        await done
        return Embedded(job.vectors, token_counts)

    async def _tokenized(self, texts: Sequence[str]) -> list[TokenIds]:
        if sum(map(len, texts)) <= INLINE_CHARACTERS:
            return self._backend.tokenize(texts)
        return await asyncio.get_running_loop().run_in_executor(self._tokenize, self._backend.tokenize, texts)

    async def _compute_batches(self) -> None:
        """One of the workers. While bulk waits, only one of them computes queries."""
        while True:
            await self._work.wait()
            shared = time.monotonic() - self._last_query < SHARED_SECONDS
            batch = self._schedule.next_batch(answering=self._answering > 0, shared=shared)
            if not batch.pieces:
                self._work.clear()
                continue
            answering = batch.priority is Priority.QUERY
            self._answering += answering
            await self._compute_batch(batch.pieces)
            self._answering -= answering

    async def _compute_batch(self, batch: list[Piece]) -> None:
        tokens = [piece.tokens for piece in batch]
        running = asyncio.get_running_loop().run_in_executor(self._compute, self._backend.embed, tokens)
        await asyncio.wait([running])
        error = running.exception()
        for index, piece in enumerate(batch):
            if error is None:
                piece.job.fill(piece.row, running.result()[index])
            else:
                piece.job.fail(error)

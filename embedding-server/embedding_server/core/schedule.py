"""Which texts are computed next: queries ahead of bulk, similar lengths together, a bounded amount waiting."""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from embedding_server.core.jobs import Job, Piece

QUERY_BATCHES_IN_A_ROW = 8
"""After so many query batches one bulk batch goes through, so that bulk is slowed down and not starved."""

QUERY_PARTS = 8
"""A batch of queries is so much smaller: some six questions on a CPU. More at once take nearly as long each, and the last waits for all."""

SHARED_PARTS = 3
"""Bulk batches become so many while queries come in between. On two cores 95% of searches then took at most 66 to 79 ms instead
of 159 to 169, and 44 chunks a second were refined instead of 46 to 49 (docs/benchmarks.md)."""

WINDOW_BATCHES = 16
"""Bulk texts are sorted by length within windows of so many batches; more sorts better, less is fairer."""


class Priority(StrEnum):
    """Who is waiting: a person, or a machine filling an index."""

    QUERY = "query"
    BULK = "bulk"


@dataclass(frozen=True, slots=True)
class Batch:
    """Texts that are computed together; there may be none."""

    pieces: list[Piece]
    priority: Priority


class Schedule:
    """Keeps what waits and cuts batches from it. Knows neither threads nor clocks."""

    def __init__(self, *, batch_tokens: int, capacity_tokens: int) -> None:
        self._batch_tokens = batch_tokens
        self._capacity_tokens = capacity_tokens
        self._queries: deque[Piece] = deque()
        self._bulk: deque[Piece] = deque()
        self._window: deque[list[Piece]] = deque()
        self._query_batches = 0
        self.waiting_tokens = 0

    def fits(self, tokens: int) -> bool:
        """Whether that many more tokens may wait."""
        return self.waiting_tokens + tokens <= self._capacity_tokens

    def add(self, job: Job, priority: Priority) -> None:
        """Let all texts of a job wait."""
        pieces = [Piece(job, row, tokens) for row, tokens in enumerate(job.rows)]
        self.waiting_tokens += sum(piece.cost for piece in pieces)
        (self._queries if priority is Priority.QUERY else self._bulk).extend(pieces)

    def next_batch(self, *, answering: bool = False, shared: bool = False) -> Batch:
        """Take the next batch; empty when nothing waits. Pieces of abandoned jobs are dropped on the way.

        Args:
            answering: Whether queries are being computed already; then bulk goes first, if there is any.
            shared: Whether queries are to be expected while the batch is computed; then bulk batches are short.
        """
        bulk_waits = bool(self._window or self._bulk)
        if self._queries and not (bulk_waits and (answering or self._query_batches >= QUERY_BATCHES_IN_A_ROW)):
            self._query_batches += 1
            if batch := self._take_queries():
                return Batch(batch, Priority.QUERY)
        self._query_batches = 0
        while self._window or self._bulk:
            if not self._window:
                window = self._take(self._bulk, self._batch_tokens * WINDOW_BATCHES)
                self._window.extend(cut_by_length(window, self._batch_tokens))
                self.waiting_tokens += sum(piece.cost for piece in window)
                continue
            batch = self._take_window(self._batch_tokens // SHARED_PARTS if shared else self._batch_tokens)
            self.waiting_tokens -= sum(piece.cost for piece in batch)
            if alive := [piece for piece in batch if not piece.job.abandoned]:
                return Batch(alive, Priority.BULK)
        return Batch(self._take_queries(), Priority.QUERY)

    def _take_queries(self) -> list[Piece]:
        return self._take(self._queries, self._batch_tokens // QUERY_PARTS)

    def _take_window(self, budget: int) -> list[Piece]:
        """The longest group of the window, or as much of it as the budget allows."""
        group = self._window.popleft()
        most = max(1, budget // max(1, group[0].cost))
        if rest := group[most:]:
            self._window.appendleft(rest)
        return group[:most]

    def _take(self, queue: deque[Piece], budget: int) -> list[Piece]:
        taken: list[Piece] = []
        longest = 0
        while queue:
            piece = queue[0]
            longest = max(longest, piece.cost)
            if taken and longest * (len(taken) + 1) > budget:
                break
            queue.popleft()
            self.waiting_tokens -= piece.cost
            if not piece.job.abandoned:
                taken.append(piece)
        return taken


def cut_by_length(pieces: Iterable[Piece], budget: int) -> list[list[Piece]]:
    """Group texts of similar length so that little of a batch is padding, longest first.

    Args:
        pieces: Texts in any order.
        budget: Padded tokens (texts times the longest) that a group may have; a longer text is a group of its own.
    """
    groups: list[list[Piece]] = []
    for piece in sorted(pieces, key=lambda piece: -piece.cost):
        if groups and groups[-1][0].cost * (len(groups[-1]) + 1) <= budget:
            groups[-1].append(piece)
        else:
            groups.append([piece])
    return groups

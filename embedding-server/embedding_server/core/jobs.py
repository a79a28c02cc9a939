"""What a caller is waiting for, and its parts as the scheduler moves them."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from embedding_server.core.backend import TokenIds, Vectors


class Job:
    """The texts of one caller; done when every row has its vector."""

    def __init__(self, rows: Sequence[TokenIds], dimensions: int, done: asyncio.Future[None]) -> None:
        self.rows = rows
        self.vectors: Vectors = np.empty((len(rows), dimensions), dtype=np.float32)
        self._missing = len(rows)
        self._done = done

    @property
    def abandoned(self) -> bool:
        """Whether nobody waits for it any more."""
        return self._done.done()

    def fill(self, row: int, vector: Vectors) -> None:
        """Store one vector; the last one wakes the caller."""
        self.vectors[row] = vector
        self._missing -= 1
        if not self._missing and not self.abandoned:
            self._done.set_result(None)

    def fail(self, error: BaseException) -> None:
        """Give up on the whole job."""
        if not self.abandoned:
            self._done.set_exception(error)


@dataclass(frozen=True, slots=True, eq=False)
class Piece:
    """One text of a job."""

    job: Job
    row: int
    tokens: TokenIds = field(repr=False)

    @property
    def cost(self) -> int:
        """Tokens that it occupies in the queue; even an empty text occupies one."""
        return max(1, len(self.tokens))

"""How good a ranking is, for the benchmark and for the evaluations that people run on their own repositories.

NDCG@10 as the semble benchmark counts it: each target earns ``1 / log2(rank + 1)`` at the rank of the first result that
overlaps it, targets met by the same result earn once, and the sum is divided by the best possible one.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

DEPTH = 10


@dataclass(frozen=True, slots=True)
class Place:
    """Lines of a file, or all of it."""

    path: str
    start_line: int | None = None
    end_line: int | None = None


@dataclass(frozen=True, slots=True)
class Score:
    """How good the ranking of one question is."""

    ndcg: float
    ranks: tuple[int, ...] = ()
    """Of the targets that were found, in the order of the targets."""
    target_count: int = 0

    @property
    def recall(self) -> float:
        """Share of the targets among the results."""
        return self.recall_at(DEPTH)

    @property
    def first_rank(self) -> int | None:
        """Rank of the best result that is a target."""
        return min(self.ranks, default=None)

    def recall_at(self, depth: int) -> float:
        """Share of the targets among the first results."""
        return sum(rank <= depth for rank in self.ranks) / max(self.target_count, 1)


def score(results: Sequence[Place], targets: Sequence[Place]) -> Score:
    """Compare the results of a question, best first, with its targets."""
    ranks = [rank for target in targets if (rank := rank_of(target, results)) is not None]
    if not targets:
        return Score(0.0)
    best = _gain(range(1, min(DEPTH, len(targets)) + 1))
    return Score(_gain(sorted(set(ranks))) / best, tuple(ranks), len(targets))


def rank_of(target: Place, results: Sequence[Place]) -> int | None:
    """Rank of the first result that overlaps the target."""
    return next((rank for rank, result in enumerate(results[:DEPTH], 1) if covers(result, target)), None)


def covers(result: Place, target: Place) -> bool:
    """Whether a result shows some of the target. A path may be given from a folder further down."""
    if not same_file(result.path, target.path):
        return False
    if target.start_line is None or result.start_line is None:
        return True
    start, end = target.start_line, target.end_line or target.start_line
    return not ((result.end_line or result.start_line) < start or result.start_line > end)


def same_file(left: str, right: str) -> bool:
    """Whether two paths name one file, perhaps seen from different folders."""
    return left == right or left.endswith(f"/{right}") or right.endswith(f"/{left}")


def _gain(ranks: Iterable[int]) -> float:
    return sum(1 / math.log2(rank + 1) for rank in ranks)

"""``duplicated-block``: lines that stand in several places, joined from their fingerprints."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import NamedTuple

from docgen_server.core.linking.file_links import FileLinks
from docgen_server.core.linking.per_file import per_file

SMALLEST_LINES = 20
"""Shorter repetitions are more often a habit than a copy."""
_MOST_PLACES = 8
"""What stands in more places is a header or a table, and grows with the square of them."""


class Block(NamedTuple):
    """Lines of one file; both ends are included."""

    path: str
    start_line: int
    end_line: int


def find_duplicates(files: Iterable[FileLinks]) -> list[tuple[Block, Block]]:
    """Pairs of equal blocks, the longest first; each block is told once."""
    every = list(files)
    counts = Counter(chain.from_iterable(map(_codes, every)))
    repeated = {code for code, count in counts.items() if 1 < count <= _MOST_PLACES}
    places: dict[int, list[Block]] = defaultdict(list)
    for file in every:
        if not repeated.isdisjoint(_codes(file)):
            for code, first, last in file.fingerprints:
                if code in repeated:
                    places[code].append(Block(file.path, first, last))
    pairs = [pair for found in places.values() for pair in _pairs(found)]
    joined = sorted(_joined(pairs), key=lambda pair: (pair[0].start_line - pair[0].end_line, pair))
    return list(_told_once(joined))


@per_file
def _codes(file: FileLinks) -> Sequence[int]:
    return [code for code, _, _ in file.fingerprints]


def _pairs(found: Sequence[Block]) -> Iterator[tuple[Block, Block]]:
    ordered = sorted(found)
    for number, first in enumerate(ordered):
        for second in ordered[number + 1 :]:
            if first.path != second.path or first.end_line < second.start_line:
                yield first, second


def _joined(pairs: Iterable[tuple[Block, Block]]) -> Iterator[tuple[Block, Block]]:
    """Neighbouring runs of the same two files at the same distance are one block."""
    diagonals: dict[tuple[str, str, int], list[tuple[Block, Block]]] = defaultdict(list)
    for first, second in pairs:
        diagonals[first.path, second.path, second.start_line - first.start_line].append((first, second))
    for found in diagonals.values():
        current: tuple[Block, Block] | None = None
        for first, second in sorted(found):
            if current is not None and first.start_line <= current[0].end_line + 1:
                end = max(current[0].end_line, first.end_line)
                other = max(current[1].end_line, second.end_line)
                current = current[0]._replace(end_line=end), current[1]._replace(end_line=other)
                continue
            if current is not None:
                yield current
            current = first, second
        if current is not None:
            yield current


def _told_once(pairs: Iterable[tuple[Block, Block]]) -> Iterator[tuple[Block, Block]]:
    told: dict[str, list[Block]] = defaultdict(list)
    for first, second in pairs:
        is_small = first.end_line - first.start_line + 1 < SMALLEST_LINES
        if is_small or any(_overlap(second, other) for other in told[second.path]):
            continue
        told[second.path].append(second)
        yield first, second


def _overlap(one: Block, other: Block) -> bool:
    return one.start_line <= other.end_line and other.start_line <= one.end_line

"""Cuts a file into chunks along its syntax tree.

Every line that is not blank lands in exactly one chunk. Definitions stay whole with their decorators and doc comments
while they fit; a class that does not fit gives way to its members, a giant function to numbered parts that carry its
signature; then small neighbours are joined.
"""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from codemuse.contracts.chunks import ChunkKind
from docgen_server.core.analysis.model import ChunkSpan, Definition

TARGET_CHARACTERS = 1500
"""About 350 tokens of code: what the embedding models of this size read without truncation."""
LARGEST_CHARACTERS = 2500
SMALL_CHARACTERS = 600
"""Below this a chunk looks for a neighbour to join."""
_NO_UNITS = frozenset({"constant", "variable"})
_KINDS = {"function": ChunkKind.FUNCTION, "method": ChunkKind.METHOD, "section": ChunkKind.TEXT}


@dataclass(slots=True)
class _Piece:
    start: int
    end: int
    kind: ChunkKind
    size: int
    owner: str | None = None
    """Qualified name of the definition that the piece is, or is part of."""
    parent: str | None = None
    signature: str | None = None
    continued: bool = False


class Chunker:
    """Cuts one file.

    Args:
        lines: The lines of the file.
        definitions: In source order, containers first.
        kind: What lines outside any definition are.
    """

    def __init__(self, lines: Sequence[str], definitions: Sequence[Definition], kind: ChunkKind) -> None:
        self._lines = lines
        self._kind = kind
        self._definitions = [item for item in definitions if not item.local and item.kind not in _NO_UNITS]
        self._named = sorted((d for d in definitions if d.kind != "section"), key=lambda item: item.line)
        self._named_lines = [item.line for item in self._named]
        self._sizes = [0]
        for line in lines:
            self._sizes.append(self._sizes[-1] + len(line) + 1)

    def cut(self) -> list[ChunkSpan]:
        """Chunks in line order."""
        pieces = [piece for piece in self._module() if piece.end >= piece.start]
        return [self._span(group) for group in _join(pieces)]

    def _module(self) -> Iterator[_Piece]:
        stack: list[tuple[int, int, Definition | None]] = [(1, len(self._lines), None)]
        while stack:
            start, end, owner = stack.pop()
            nested: list[tuple[int, int, Definition | None]] = []
            yield from self._region(start, end, owner, nested)
            stack.extend(nested)

    def _region(
        self, start: int, end: int, owner: Definition | None, nested: list[tuple[int, int, Definition | None]]
    ) -> Iterator[_Piece]:
        cursor = start
        for child in self._children(start, end, owner):
            if child.start_line < cursor:
                continue
            yield from self._plain(cursor, child.start_line - 1, owner, continued=cursor > start)
            if self._size(child.start_line, child.end_line) <= LARGEST_CHARACTERS:
                yield self._piece(child.start_line, child.end_line, child, owner)
            elif self._has_children(child):
                nested.append((child.start_line, child.end_line, child))
            else:
                yield from self._parts(child.start_line, child.end_line, child, owner)
            cursor = child.end_line + 1
        yield from self._plain(cursor, end, owner, continued=cursor > start)

    def _children(self, start: int, end: int, owner: Definition | None) -> list[Definition]:
        depth = 0 if owner is None else owner.depth + 1
        return [d for d in self._definitions if d.depth == depth and d.start_line >= start and d.end_line <= end]

    def _has_children(self, definition: Definition) -> bool:
        return bool(self._children(definition.start_line, definition.end_line, definition))

    def _plain(self, start: int, end: int, owner: Definition | None, *, continued: bool) -> Iterator[_Piece]:
        """Lines between definitions: imports and constants of a module, header and fields of a class."""
        if start > end:
            return
        for number, (first, last) in enumerate(self._split(start, end)):
            piece = self._piece(first, last, owner, None)
            piece.continued = owner is not None and (continued or number > 0)
            yield piece

    def _parts(self, start: int, end: int, definition: Definition, owner: Definition | None) -> Iterator[_Piece]:
        for number, (first, last) in enumerate(self._split(start, end)):
            piece = self._piece(first, last, definition, owner)
            piece.continued = number > 0
            yield piece

    def _piece(self, start: int, end: int, definition: Definition | None, owner: Definition | None) -> _Piece:
        while start <= end and not self._lines[start - 1].strip():
            start += 1
        while end >= start and not self._lines[end - 1].strip():
            end -= 1
        size = self._size(start, end) if end >= start else 0
        if definition is None:
            return _Piece(start, end, self._kind, size)
        kind = _KINDS.get(definition.kind, ChunkKind.CLASS)
        parent = owner.qualified_name if owner else None
        return _Piece(start, end, kind, size, definition.qualified_name, parent, definition.signature or None)

    def _size(self, start: int, end: int) -> int:
        return self._sizes[end] - self._sizes[start - 1]

    def _split(self, start: int, end: int) -> Iterator[tuple[int, int]]:
        """Line ranges of at most about the target size, broken where the text is indented least."""
        while self._size(start, end) > LARGEST_CHARACTERS and start < end:
            last = start
            while last < end and self._size(start, last + 1) <= TARGET_CHARACTERS:
                last += 1
            cut = self._best_break(start, last, end)
            yield start, cut
            start = cut + 1
        yield start, end

    def _best_break(self, start: int, last: int, end: int) -> int:
        """The line after which to cut: before a shallow line, best of all after a blank one, and not too early."""
        earliest = start
        while earliest < last and self._size(start, earliest) < TARGET_CHARACTERS // 2:
            earliest += 1
        best, best_cost = last, None
        for line in range(last, earliest - 1, -1):
            if line >= end:
                continue
            following = self._lines[line]
            if not following.strip():
                continue
            indent = len(following) - len(following.lstrip())
            cost = indent * 2 - (1 if not self._lines[line - 1].strip() else 0)
            if best_cost is None or cost < best_cost:
                best, best_cost = line, cost
        return best

    def _span(self, group: list[_Piece]) -> ChunkSpan:
        start, end = group[0].start, group[-1].end
        sizes: Counter[ChunkKind] = Counter()
        for piece in group:
            sizes[piece.kind] += piece.size
        owners = {piece.owner for piece in group}
        symbol = next(iter(owners)) if len(owners) == 1 else _common_parent(group)
        first, last = bisect_left(self._named_lines, start), bisect_right(self._named_lines, end)
        return ChunkSpan(
            start_line=start,
            end_line=end,
            kind=sizes.most_common(1)[0][0],
            symbol=symbol,
            signature=group[0].signature if len(owners) == 1 and group[0].continued else None,
            defines=tuple(dict.fromkeys(item.name for item in self._named[first:last])),
        )


def _join(pieces: list[_Piece]) -> Iterator[list[_Piece]]:
    """Join neighbours while one of the two is small and both together stay within the target."""
    group: list[_Piece] = []
    size = 0
    for piece in sorted(pieces, key=lambda item: item.start):
        fits = size + piece.size <= TARGET_CHARACTERS and min(size, piece.size) <= SMALL_CHARACTERS
        if group and fits:
            group.append(piece)
            size += piece.size
            continue
        if group:
            yield group
        group, size = [piece], piece.size
    if group:
        yield group


def _common_parent(group: list[_Piece]) -> str | None:
    """The class that all pieces belong to, when there is one."""
    parents = {piece.owner if piece.kind is ChunkKind.CLASS else piece.parent for piece in group}
    return next(iter(parents)) if len(parents) == 1 else None

"""Packs passages into a budget of tokens: no line twice, nothing said twice, nothing beyond the budget."""

from collections.abc import Sequence
from dataclasses import dataclass

from codemuse.contracts.context import SourceReason
from rag_server.core.points import RepositoryKey, StoredChunk

BYTES_PER_TOKEN = 3.5
"""Of code with the tokenizers of today's models; their headers cost a little more."""
HEADER_TOKENS = 30


def estimate_tokens(text: str) -> int:
    """Roughly how many tokens a source takes in a prompt."""
    return HEADER_TOKENS + int(len(text.encode()) / BYTES_PER_TOKEN) + 1


@dataclass(frozen=True, slots=True)
class Passage:
    """Consecutive lines of one file, from one or several chunks."""

    key: RepositoryKey
    path: str
    start_line: int
    end_line: int
    text: str
    language: str
    kind: str
    symbol: str | None
    defines: tuple[str, ...]
    is_whole: bool

    @property
    def tokens(self) -> int:
        """What it takes of the budget."""
        return estimate_tokens(self.text)

    def overlaps(self, other: "Passage") -> bool:
        """Whether both hold the same line."""
        same_file = (self.key, self.path) == (other.key, other.path)
        return same_file and self.start_line <= other.end_line and other.start_line <= self.end_line


def passage_of(chunks: Sequence[StoredChunk], *, is_whole: bool) -> Passage:
    """Join neighbouring chunks of a file; between chunks there are only empty lines."""
    first, last = chunks[0], chunks[-1]
    lines: list[str] = []
    for chunk in chunks:
        lines += [""] * (chunk.start_line - first.start_line - len(lines))
        lines += chunk.text.split("\n")
    return Passage(
        key=first.key,
        path=first.path,
        start_line=first.start_line,
        end_line=last.end_line,
        text="\n".join(lines),
        language=first.language,
        kind=first.kind,
        symbol=first.symbol,
        defines=tuple(dict.fromkeys(name for chunk in chunks for name in chunk.defines)),
        is_whole=is_whole,
    )


@dataclass(frozen=True, slots=True)
class Packed:
    """A passage that found room."""

    passage: Passage
    reason: SourceReason
    score: float


class Pack:
    """A budget that fills up.

    Args:
        token_budget: Tokens of all sources together.
        maximum_sources: How many there may be.
    """

    def __init__(self, token_budget: int, maximum_sources: int) -> None:
        self.packed: list[Packed] = []
        self.room = token_budget
        self.left_out = 0
        self._maximum = maximum_sources

    @property
    def is_full(self) -> bool:
        """Whether nothing more may be added."""
        return len(self.packed) >= self._maximum

    def holds(self, passage: Passage) -> bool:
        """Whether some of its lines, or all of its text, are there already."""
        return any(passage.overlaps(other.passage) or passage.text == other.passage.text for other in self.packed)

    def add(self, passage: Passage, reason: SourceReason, score: float, *, keep_free: int = 0) -> bool:
        """Put a passage in if it is new and there is room for it beyond what is to be kept free."""
        if self.holds(passage):
            return False
        if self.is_full or passage.tokens > self.room - keep_free:
            self.left_out += 1
            return False
        self.packed.append(Packed(passage, reason, score))
        self.room -= passage.tokens
        return True

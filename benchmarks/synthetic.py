"""Indexes of any size for the measurements of scale: chunks put together from lines of real code, with vectors."""

import random
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.corpora import package_files
from codemuse.contracts.chunks import Chunk, ChunkKind
from embedding_server.core.static import StaticBackend
from rag_server.core.points import Point, RepositoryKey, StoredChunk, embedded_text
from rag_server.core.sparse import encode_chunk

ORGANISATION = "scale"
REPOSITORIES = 20
CHUNKS_PER_FILE = 8
BATCH = 1_000
_LINES = range(8, 31)
"""Of a chunk; with the signature some 160 terms, as in the repositories of the evaluation set."""
_NOISE = 0.5


@dataclass(frozen=True, slots=True)
class Corpus:
    """Lines and names of this environment's own packages."""

    lines: Sequence[str]
    words: Sequence[str]

    @classmethod
    def read(cls) -> "Corpus":
        """Read them."""
        texts = [path.read_text(errors="replace") for path in package_files(1_000)]
        lines = [line for text in texts for line in text.splitlines() if line.strip()]
        words = sorted(
            {word for line in lines for word in line.replace("_", " ").split() if word.isalpha() and len(word) > 3}
        )
        return cls(lines, words)

    def chunk(self, number: int) -> Chunk:
        """The chunk of this number, always the same."""
        chosen = random.Random(number)
        name = "_".join(chosen.choices(self.words, k=2)).lower()
        body = "\n".join(chosen.choices(self.lines, k=chosen.choice(_LINES)))
        file = number // CHUNKS_PER_FILE
        first = 1 + 30 * (number % CHUNKS_PER_FILE)
        return Chunk(
            path=f"{self.words[file % len(self.words)].lower()}/{chosen.choice(self.words).lower()}_{file}.py",
            start_line=first,
            end_line=first + body.count("\n") + 1,
            language="python",
            kind=ChunkKind.FUNCTION,
            symbol=name,
            signature=f"def {name}(self)",
            defines=[name],
            text=f"def {name}(self):\n{body}",
        )

    def questions(self, count: int) -> list[str]:
        """Distinct questions of three words."""
        chosen = random.Random(0)
        return list(dict.fromkeys(" ".join(chosen.choices(self.words, k=3)) for _ in range(2 * count)))[:count]


def iter_points(corpus: Corpus, count: int, static: Path, dense_dimensions: int) -> Iterator[list[Point]]:
    """So many chunks as points, a thousand at a time.

    The words and the static vectors are what the product makes of the texts. The transformer would take an hour for each
    200,000; in its place stand the static vectors, turned into its space and blurred.

    Args:
        corpus: What they are put together from.
        count: How many.
        static: Folder of the static model.
        dense_dimensions: Of the transformer's vectors.
    """
    backend = StaticBackend(static, "")
    random_numbers = np.random.default_rng(0)
    turn = random_numbers.normal(size=(backend.card.dimensions, dense_dimensions)).astype(np.float32)
    turn /= np.sqrt(backend.card.dimensions)
    for start in range(0, count, BATCH):
        numbers = range(start, min(start + BATCH, count))
        chunks = [corpus.chunk(number) for number in numbers]
        texts = [embedded_text(chunk.symbol, chunk.signature, chunk.text) for chunk in chunks]
        fast = backend.embed(backend.tokenize(texts))
        noise = random_numbers.normal(size=(len(chunks), dense_dimensions)).astype(np.float32)
        dense = fast @ turn + noise * (_NOISE / np.sqrt(dense_dimensions))
        dense /= np.linalg.norm(dense, axis=1, keepdims=True)
        yield [
            Point(
                StoredChunk.of(chunk, repository(number), generation=1, commit="0" * 40),
                encode_chunk(chunk),
                quick,
                slow,
            )
            for number, chunk, quick, slow in zip(numbers, chunks, fast.tolist(), dense.tolist(), strict=True)
        ]


def repository(number: int) -> RepositoryKey:
    """The repository that a chunk belongs to: its file's."""
    return RepositoryKey(ORGANISATION, repository_ids()[number // CHUNKS_PER_FILE % REPOSITORIES])


def repository_ids() -> list[str]:
    """Ids of the repositories."""
    return [str(uuid.UUID(int=number + 1)) for number in range(REPOSITORIES)]

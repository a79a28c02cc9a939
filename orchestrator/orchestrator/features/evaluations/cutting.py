"""Takes the lines that would give an answer away out of what is searched."""

import re
from collections.abc import Iterable, Mapping, Sequence

from codemuse.contracts.chunks import Chunk

Spans = Sequence[Sequence[int]]
"""First and last lines of what is hidden in a file."""

_WORD = re.compile(r"\w+")


def cut(chunks: Iterable[Chunk], hidden: Mapping[str, Spans]) -> list[Chunk]:
    """The chunks without the hidden lines; one of which nothing is left goes."""
    kept = (without_lines(chunk, hidden[chunk.path]) if chunk.path in hidden else chunk for chunk in chunks)
    return [chunk for chunk in kept if chunk is not None]


def without_lines(chunk: Chunk, spans: Spans) -> Chunk | None:
    """A chunk whose hidden lines are empty, so that the others keep their numbers; names that went with them go too."""
    lines = [
        "" if any(first <= number <= last for first, last in spans) else line
        for number, line in enumerate(chunk.text.split("\n"), chunk.start_line)
    ]
    text = "\n".join(lines)
    if text == chunk.text:
        return chunk
    if not text.strip():
        return None
    gone = {*_WORD.findall(chunk.text)} - {*_WORD.findall(text)}
    is_gone = bool(chunk.symbol) and str(chunk.symbol).rpartition(".")[2] in gone
    return chunk.model_copy(
        update={
            "text": text,
            "defines": [name for name in chunk.defines if name not in gone],
            "symbol": None if is_gone else chunk.symbol,
            "signature": None if is_gone else chunk.signature,
        }
    )

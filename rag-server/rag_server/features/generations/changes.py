"""Works out what a file's new chunks change in the index."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from rag_server.core.points import StoredChunk


@dataclass(slots=True)
class Changes:
    """What has to happen so that a generation holds exactly the wanted chunks."""

    insert: list[StoredChunk] = field(default_factory=list)
    keep: list[StoredChunk] = field(default_factory=list)
    reopen: list[StoredChunk] = field(default_factory=list)
    """Closed by an earlier, different attempt at the same generation."""
    close: list[StoredChunk] = field(default_factory=list)
    remove: list[StoredChunk] = field(default_factory=list)
    """Inserted by an earlier, different attempt at the same generation; no other generation knows them."""


def plan_changes(existing: Iterable[StoredChunk], wanted: Sequence[StoredChunk], generation: int) -> Changes:
    """Compare what the index holds for some files with what they should hold from a generation on.

    Args:
        existing: Chunks of the files that are visible in the generation, or were closed by it.
        wanted: Chunks of the files as they are now.
        generation: The generation that is being written.
    """
    held = {chunk.identity: chunk for chunk in existing}
    changes = Changes()
    for identity, chunk in {chunk.identity: chunk for chunk in wanted}.items():
        known = held.pop(identity, None)
        if known is None:
            changes.insert.append(chunk)
        elif known.last_generation < generation:
            changes.reopen.append(known)
        else:
            changes.keep.append(known)
    for chunk in held.values():
        if chunk.first_generation == generation:
            changes.remove.append(chunk)
        elif chunk.last_generation >= generation:
            changes.close.append(chunk)
    return changes

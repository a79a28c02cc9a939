"""The system's memory of files.

The engine reads its own files at random places, where a disk gives a megabyte a second instead of hundreds: see
docs/benchmarks.md for what a million chunks cost when they are not read through before.
"""

import os
from pathlib import Path

from codemuse.logging import get_logger
from rag_server.core.disk import BLOCK_BYTES, iter_data

_log = get_logger(__name__)

_CONTAINER_LIMIT = Path("/sys/fs/cgroup/memory.max")
"""Of control groups of version 2."""


def read_through(folder: Path, room: int) -> int:
    """Read the files of a folder so that the system has them in memory: as much as fits, small files first.

    All searches use the small ones (graphs, words, copies of vectors); of the large ones they read a place here and there.

    Args:
        folder: Where they lie, at any depth.
        room: The most bytes to read.

    Returns:
        The bytes that were read.
    """
    read = 0
    try:
        for path in sorted((path for path in folder.rglob("*") if path.is_file()), key=_allocated):
            if _allocated(path) > room - read:
                break
            read += sum(len(piece) for _, piece in iter_data(path))
    except OSError as error:  # whoever needs the file will say more
        _log.warning("files cannot be read ahead", reason=str(error))
    return read


def half_of_memory() -> int:
    """Bytes: half of what the machine has or the container may use. The system lets go of files when programs need more."""
    machine = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    try:
        return min(machine, int(_CONTAINER_LIMIT.read_text())) // 2
    except (OSError, ValueError):  # no container, or "max"
        return machine // 2


def _allocated(path: Path) -> int:
    return path.stat().st_blocks * BLOCK_BYTES

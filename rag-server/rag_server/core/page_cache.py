"""The system's memory of files.

The engine reads its own files at random places, where a disk gives a megabyte a second instead of hundreds: see
docs/benchmarks.md for what a million chunks cost when they are not read through before.
"""

import os
from pathlib import Path

from rag_server.core.disk import BLOCK_BYTES, iter_data

READ_BYTES = 2**20
"""At a time."""
_CONTAINER_LIMIT = Path("/sys/fs/cgroup/memory.max")


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
    for path in sorted(folder.rglob("*"), key=_allocated):
        if not path.is_file():
            continue
        if (size := _allocated(path)) > room - read:
            break
        _read(path)
        read += size
    return read


def half_of_memory() -> int:
    """Bytes: half of what the machine has or the container may use. The system lets go of files when programs need more."""
    machine = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    try:
        return min(machine, int(_CONTAINER_LIMIT.read_text())) // 2
    except (FileNotFoundError, ValueError):  # no container, or "max"
        return machine // 2


def _allocated(path: Path) -> int:
    return path.stat().st_blocks * BLOCK_BYTES


def _read(path: Path) -> None:
    buffer = memoryview(bytearray(READ_BYTES))
    with path.open("rb", buffering=0) as file:
        for begin, end in iter_data(file):
            file.seek(begin)
            while (left := end - file.tell()) > 0 and file.readinto(buffer[:left]):
                pass

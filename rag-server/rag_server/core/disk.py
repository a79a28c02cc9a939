"""Room on the disk: the engine maps its files into memory, and dies where a page of them cannot be stored any more.

So writes are refused while there is still some room, and can be repeated when there is more.
"""

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from codemuse.errors import Unavailable

LEAST_FREE_BYTES = 256 * 2**20
"""Left free: the engine's files grow by tens of megabytes at once."""
BLOCK_BYTES = 512
PIECE_BYTES = 2**20
"""Read at a time."""


class DiskFull(Unavailable):
    """There is no room for what is to be written."""

    code = "disk_full"

    def __init__(self, folder: Path) -> None:
        message = f"The disk that holds {folder} is full: make room, or delete repositories or backups."
        super().__init__(message, retry_after=15)


def require_room(folder: Path, wanted: int = 0) -> None:
    """Let through only what fits.

    Args:
        folder: Where it is to be written.
        wanted: Bytes; some are left free anyway.

    Raises:
        DiskFull: It does not fit.
    """
    if shutil.disk_usage(folder).free < wanted + LEAST_FREE_BYTES:
        raise DiskFull(folder)


def iter_data(path: Path) -> Iterator[tuple[int, bytes]]:
    """What a file holds, piece by piece with its place; the engine reserves much more than it uses, and holes are left out."""
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        end = 0
        while end < size:
            try:
                place = os.lseek(file.fileno(), end, os.SEEK_DATA)
            except OSError as error:
                if error.errno == errno.ENXIO:  # nothing but a hole is left
                    return
                raise
            end = os.lseek(file.fileno(), place, os.SEEK_HOLE)
            while place < end and (piece := os.pread(file.fileno(), min(PIECE_BYTES, end - place), place)):
                yield place, piece
                place += len(piece)


def allocated_bytes(folder: Path) -> int:
    """What the files of a folder take on disk; holes take nothing."""
    return sum(path.stat().st_blocks * BLOCK_BYTES for path in folder.rglob("*") if path.is_file())


@contextmanager
def translate_full_disk(folder: Path) -> Iterator[None]:
    """Say it plainly when the disk is full."""
    try:
        yield
    except OSError as error:
        if error.errno not in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}:
            raise
        raise DiskFull(folder) from error


def replace_durably(file: Path, text: str) -> None:
    """Replace a file as a whole: after a loss of power there is the old one or the new one."""
    with write_durably(file) as written:
        written.write(text.encode())


@contextmanager
def write_durably(file: Path) -> Iterator[BinaryIO]:
    """The same for what is written piece by piece."""
    temporary = file.with_name(f"{file.name}.new")
    with temporary.open("wb") as written:
        yield written
    _sync(temporary)
    temporary.replace(file)
    _sync(file.parent)


def sync_folder(folder: Path) -> None:
    """Have everything below a folder written to the disk."""
    for path in (*folder.rglob("*"), folder):
        _sync(path)


def _sync(path: Path) -> None:
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)

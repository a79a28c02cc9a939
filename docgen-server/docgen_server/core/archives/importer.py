"""Feeds the members of an archive to git's plumbing, so that an upload becomes a tree like any other.

Contents go through ``fast-import`` as blobs, names through an index of their own: no work tree, no name is ever opened as
a file, and a million names in one folder cost no more than their number.
"""

import contextlib
import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, BinaryIO

from docgen_server.core.archives.names import MemberNames
from docgen_server.core.archives.reader import ArchiveLimits, Member, open_archive
from docgen_server.core.errors import EmptyRepository, NotAnArchive
from docgen_server.core.git.command import git_argv, git_environment

_LOCAL_SECONDS = 300.0
_FAST = ("-c", "core.compression=1", "-c", "fastimport.unpackLimit=1")
_LEFTOVERS = ("fast_import_crash_*", "objects/pack/tmp_*")


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of an archive."""

    tree: str
    file_count: int
    byte_count: int
    skipped: dict[str, str]


def import_archive(folder: Path, raw: BinaryIO, limits: ArchiveLimits) -> Imported:
    """Store the files of an archive in a bare repository; called in a thread, for it blocks.

    Raises:
        CodeMuseError: One of the leaves of ``core.errors`` that begin with ``Archive``, or ``NotAnArchive``.
    """
    names = MemberNames()
    reader = open_archive(raw, limits, names)
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        marks = Path(scratch, "marks")
        paths, byte_count = _store_blobs(folder, marks, reader.members())
        if not paths:
            raise EmptyRepository("The archive has no file that could be read.")
        tree = _write_tree(folder, Path(scratch, "index"), paths, _read_marks(marks))
    return Imported(tree, len(paths), byte_count, names.skipped)


def _store_blobs(folder: Path, marks: Path, members: Iterable[Member]) -> tuple[list[str], int]:
    """Paths of the stored members, whose marks are their positions counted from 1, and their bytes together."""
    options = ("--quiet", "--done", "--depth=0", f"--export-marks={marks}")
    with _git(folder, (*_FAST, "fast-import", *options), {}) as process:
        paths: list[str] = []
        byte_count = 0
        with _pipe(process) as pipe:
            for member in members:
                paths.append(member.path)
                pipe.write(f"blob\nmark :{len(paths)}\ndata {member.size}\n".encode())
                byte_count += _copy(member, pipe)
                pipe.write(b"\n")
            pipe.write(b"done\n")
        _finish(process)
    return paths, byte_count


def _copy(member: Member, pipe: IO[bytes]) -> int:
    written = 0
    for block in member.blocks:
        written += len(block)
        pipe.write(block)
    if written != member.size:
        raise NotAnArchive("A member of the archive is shorter or longer than it says.", member=member.path)
    return written


def _read_marks(marks: Path) -> dict[int, str]:
    lines = (line.split() for line in marks.read_text(encoding="ascii").splitlines())
    return {int(mark[1:]): blob for mark, blob in lines}


def _write_tree(folder: Path, index: Path, paths: Sequence[str], blobs: dict[int, str]) -> str:
    environment = {"GIT_INDEX_FILE": str(index)}
    entries = sorted((path.encode(), blobs[mark]) for mark, path in enumerate(paths, 1))
    with _git(folder, ("update-index", "-z", "--index-info"), environment) as process:
        with _pipe(process) as pipe:
            pipe.writelines(b"100644 %s\t%s\0" % (blob.encode(), path) for path, blob in entries)
        _finish(process)
    with _git(folder, ("write-tree",), environment, stdout=subprocess.PIPE) as process:
        output, _ = process.communicate(timeout=_LOCAL_SECONDS)
        _finish(process)
    return output.decode().strip()


@contextlib.contextmanager
def _git(
    folder: Path, arguments: Sequence[str], environment: dict[str, str], *, stdout: int = subprocess.DEVNULL
) -> Iterator["subprocess.Popen[bytes]"]:
    process = subprocess.Popen(
        git_argv(folder, arguments),
        stdin=subprocess.PIPE,
        stdout=stdout,
        stderr=subprocess.DEVNULL,
        env=git_environment(environment),
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()
        if process.returncode:
            for path in (path for pattern in _LEFTOVERS for path in folder.glob(pattern)):
                path.unlink(missing_ok=True)


@contextlib.contextmanager
def _pipe(process: "subprocess.Popen[bytes]") -> Iterator[IO[bytes]]:
    """Git's input, closed at the end; git going away early shows in its exit status."""
    pipe = process.stdin
    if pipe is None:
        raise NotAnArchive("The archive cannot be stored.")
    with contextlib.suppress(BrokenPipeError):
        yield pipe
        pipe.flush()
    with contextlib.suppress(BrokenPipeError):
        pipe.close()
    process.stdin = None


def _finish(process: "subprocess.Popen[bytes]") -> None:
    if process.wait(_LOCAL_SECONDS):
        raise NotAnArchive("The archive cannot be stored: git refuses one of its names.")

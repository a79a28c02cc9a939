"""Feeds the members of an archive to git's plumbing, so that an upload becomes a tree like any other.

Contents go through ``fast-import`` as blobs, names through an index of their own: no work tree, no name is ever opened as
a file, and a million names in one folder cost no more than their number. What the repository holds already is only
hashed, so that the next commit of a large tree costs little more than unpacking it.
"""

import contextlib
import hashlib
import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, BinaryIO

from docgen_server.core.archives.names import MemberNames
from docgen_server.core.archives.reader import ArchiveLimits, Member, open_archive
from docgen_server.core.errors import EmptyRepository, NotAnArchive
from docgen_server.core.git.command import git_argv, git_environment

_LOCAL_SECONDS = 300.0
_FAST = ("-c", "core.compression=1", "-c", "fastimport.unpackLimit=1")
_LARGEST_HASHED_BYTES = 2**23
"""Larger members are not held in memory, and so stored whether they are known or not."""
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
        blobs, byte_count = _store_blobs(folder, marks, reader.members())
        if not blobs:
            raise EmptyRepository("The archive has no file that could be read.")
        tree = _write_tree(folder, Path(scratch, "index"), blobs)
    return Imported(tree, len(blobs), byte_count, names.skipped)


def _store_blobs(folder: Path, marks: Path, members: Iterable[Member]) -> tuple[dict[str, str], int]:
    """Object id of each member's content by its path, and the bytes of all together."""
    blobs: dict[str, str] = {}
    sent: list[str] = []
    byte_count = 0
    options = ("--quiet", "--done", "--depth=0", f"--export-marks={marks}")
    known = _list_objects(folder)
    with _git(folder, (*_FAST, "fast-import", *options), {}) as process:
        with _pipe(process) as pipe:
            for member in members:
                byte_count += member.size
                blocks: Iterable[bytes] = _checked(member)
                if member.size <= _LARGEST_HASHED_BYTES:
                    blocks = [b"".join(blocks)]
                    if (blob := _blob_of(blocks[0])) in known:
                        blobs[member.path] = blob.decode()
                        continue
                sent.append(member.path)
                pipe.write(f"blob\nmark :{len(sent)}\ndata {member.size}\n".encode())
                pipe.writelines(blocks)
                pipe.write(b"\n")
            pipe.write(b"done\n")
        _finish(process)
    return blobs | {sent[mark - 1]: blob for mark, blob in _read_marks(marks).items()}, byte_count


def _list_objects(folder: Path) -> frozenset[bytes]:
    """Ids of everything that the repository holds."""
    options = ("--batch-all-objects", "--batch-check=%(objectname)", "--buffer")
    with _git(folder, ("cat-file", *options), {}, stdout=subprocess.PIPE) as process:
        output, _ = process.communicate(timeout=_LOCAL_SECONDS)
        _finish(process)
    return frozenset(output.split())


def _blob_of(content: bytes) -> bytes:
    """The object id that git gives a content."""
    return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest().encode()


def _checked(member: Member) -> Iterator[bytes]:
    """The blocks of a member, as many as it says."""
    count = 0
    for block in member.blocks:
        count += len(block)
        yield block
    if count != member.size:
        raise NotAnArchive("A member of the archive is shorter or longer than it says.", member=member.path)


def _read_marks(marks: Path) -> dict[int, str]:
    lines = (line.split() for line in marks.read_text(encoding="ascii").splitlines())
    return {int(mark[1:]): blob for mark, blob in lines}


def _write_tree(folder: Path, index: Path, blobs: Mapping[str, str]) -> str:
    environment = {"GIT_INDEX_FILE": str(index)}
    entries = sorted((path.encode(), blob) for path, blob in blobs.items())
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
